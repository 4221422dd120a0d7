"""A share on S3: an object appears whole by itself, so it is written directly; folders are what keys begin with."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError
from s3fs import S3FileSystem

from aller_vers.partage.support import Entree, Support, SupportError, fail


class S3(Support, protocole="s3"):
    """A bucket or a prefix of it, ``s3://bucket/prefix``; the options name the key, its secret and the server."""

    OPTIONS = ("username", "password", "endpoint_url", "region_name")

    def __init__(self, adresse: str, options: Mapping[str, Any]) -> None:
        lue = urlsplit(adresse)
        self._seau = lue.netloc
        self._racine = f"{lue.netloc}{unquote(lue.path)}".rstrip("/")
        region = options.get("region_name")
        # Listings are never kept: another one writes too.
        self._fs = S3FileSystem(
            skip_instance_cache=True,
            use_listings_cache=False,
            config_kwargs={"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 1}},
            key=options.get("username"),
            secret=options.get("password"),
            endpoint_url=options.get("endpoint_url"),
            client_kwargs={"region_name": region} if region else {},
        )
        self._fs.retries = 2  # on top of the client's own; a task is tried again by Airflow

    @classmethod
    def find_danger(cls, options: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return that nothing is encrypted."""
        if not str(options.get("endpoint_url") or "").startswith("http://"):
            return None
        return "Le partage S3 est joint sans chiffrement.", "donner un endpoint_url en https://."

    def require_racine(self) -> None:
        """Raise ``FileNotFoundError`` when the bucket is not there; refuse one that keeps what is deleted."""
        with _translate():
            if self._fs.is_bucket_versioned(self._seau):
                raise SupportError(
                    "garde les versions des fichiers supprimés : rien n'y serait vraiment détruit",
                    "employer un seau sans gestion des versions",
                )
            self._fs.call_s3("head_bucket", Bucket=self._seau)

    def read(self, chemin: str, limite: int | None) -> bytes:
        """Return an object's first ``limite`` bytes."""
        with _translate():
            # A range of an empty object is refused by the server: an object is asked for its size first.
            if limite is not None and self._fs.info(self._path(chemin), refresh=True)["size"] <= limite:
                limite = None
            return bytes(self._fs.cat_file(self._path(chemin), start=0 if limite else None, end=limite))

    def write(self, chemin: str, octets: bytes) -> None:
        """Put an object."""
        with _translate():
            self._fs.pipe_file(self._path(chemin), octets)

    def scan(self, chemin: str) -> list[Entree]:
        """Return the objects and the prefixes below a prefix."""
        racine = self._path(chemin)
        with _translate():
            entrees = []
            for lue in self._fs.ls(racine, detail=True, refresh=True):
                nom = str(lue["name"]).removeprefix(f"{racine}/").rstrip("/")
                if lue["name"].startswith(f"{racine}/") and nom not in ("", ".", ".."):
                    date = lue.get("LastModified")
                    entrees.append(
                        Entree(
                            nom,
                            int(lue["size"]),
                            dossier=lue["type"] == "directory",
                            lien=False,
                            modifie_le=date and date.astimezone(UTC),
                        )
                    )
            return entrees

    def move(self, source: str, cible: str, *, suivi: bool = False) -> None:
        """Copy an object, then delete it."""
        with _translate():
            self._fs.mv(self._path(source), self._path(cible))

    def remove(self, chemin: str) -> None:
        """Delete an object; one that is not there is no error."""
        with _translate():
            self._fs.call_s3("delete_object", **self._objet(chemin))

    def remove_dossier(self, chemin: str) -> None:
        """Delete every object below a prefix."""
        with _translate():
            trouves = self._fs.find(self._path(chemin), refresh=True)
            if trouves:
                self._fs.rm(trouves)

    def _path(self, chemin: str) -> str:
        return f"{self._racine}/{chemin}".rstrip("/")

    def _objet(self, chemin: str) -> dict[str, str]:
        seau, _, cle = self._path(chemin).partition("/")
        return {"Bucket": seau, "Key": cle}


@contextmanager
def _translate() -> Iterator[None]:
    """Give the number of the system to what s3fs raises without one."""
    try:
        yield
    except SupportError:
        raise
    except FileNotFoundError:
        raise fail(errno.ENOENT) from None
    except PermissionError:
        raise fail(errno.EACCES) from None
    except BotoCoreError:
        raise fail(errno.ECONNREFUSED) from None
    except OSError as erreur:
        raise fail(erreur.errno or errno.EIO) from None
