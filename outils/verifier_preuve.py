"""Vérifie l'archive de preuve d'un lot, sans le projet qui l'a écrite : Python 3.11 ou plus récent suffit.

    python verifier_preuve.py PREUVE_831_2025-06.zip --sceau <celui du courriel> --empreinte <de l'autre canal>

Le sceau reçu par courriel garde la chaîne et tout ce qui en vient ; l'empreinte de l'archive garde aussi la page et la
fiche du registre. Sans l'un ni l'autre, l'archive prouve seulement qu'elle ne se contredit pas.

Code : 0, intacte et délais tenus ; 1, altérée ; 2, illisible ; 3, intacte, mais un délai n'est pas tenu.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

SCHEMA = "aller-vers/preuve/1"
OCTETS_MAX = 50_000_000
# Ce qui peut précéder un état dans la même version ; pour une Cpam, dit d'elle ou du lot entier.
PRECEDENTS = {
    "prepare": {"retenu"},
    "retenu": {"depose", "prepare", "retenu"},
    "depose": {"prepare", "retenu"},
    "transmis": {"depose", "rien_a_transmettre", "transmis"},
    "rien_a_transmettre": {"depose", "transmis"},
    "traite": {"traite", "transmis"},
    "a_detruire": {"traite", "transmis"},
    "detruit": {"a_detruire", "detruit", "traite", "transmis"},
    "remplace": {"depose", "rien_a_transmettre"},
    "expire": {"depose", "rien_a_transmettre", "retenu"},
}
PREMIERS = {"prepare", "retenu"}
RAYE = "raye"  # dit de la trace elle-même : suit tout état
FINS = {"expire", "remplace"}
# D'une Cpam, ce qui se dit encore après la fin du lot : elle l'a reçu.
APRES_LA_FIN = {"transmis", "rien_a_transmettre", "traite", "a_detruire", "detruit"}
EXTRAITS = {
    "accuses.json": ("transmis", "rien_a_transmettre"),
    "retours.json": ("traite", "a_detruire"),
    "certificats.json": ("detruit", "expire"),
}
CHAMPS = (
    "mois",
    "code_caf",
    "version",
    "code_cpam",
    "etat",
    "engagement",
    "preuve",
    "inscrit_le",
    "precedent",
)

Fichiers = dict[str, bytes]
Evenement = dict[str, Any]


class Illisible(Exception):  # noqa: N818 - une erreur pour qui lit
    """Ce fichier n'est pas une preuve."""


class Constats:
    """Ce que la vérification a trouvé : altérations, délais non tenus, et ce qu'il reste à savoir."""

    def __init__(self) -> None:
        self.alterations: list[str] = []
        self.retards: list[str] = []
        self.notes: list[str] = []

    def alter(self, texte: str) -> None:
        """Note une altération."""
        self.alterations.append(texte)

    def note(self, texte: str) -> None:
        """Note ce qu'il reste à savoir."""
        self.notes.append(texte)

    def code(self) -> int:
        """Rend le code de sortie."""
        return 1 if self.alterations else 3 if self.retards else 0


def verify(
    octets: bytes, sceau: str | None = None, empreinte: str | None = None, autorite: str | None = None
) -> Constats:
    """Vérifie une archive (des octets) ; rend ses constats.

    Lève Illisible si ce n'est pas une archive de preuve.
    """
    try:
        return verify_pieces(octets, sceau, empreinte, autorite)
    except (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise Illisible("Une pièce de l'archive n'a pas la forme attendue.") from None


def verify_pieces(octets: bytes, sceau: str | None, empreinte: str | None, autorite: str | None) -> Constats:
    """Vérifie chaque pièce, la forme de l'archive d'abord."""
    constats = Constats()
    fichiers = open_archive(octets, constats)
    index = check_index(fichiers, constats, empreinte)
    chaine = read_json(fichiers, "chaine.json", constats)
    evenements = [read_evenement(e) for e in chaine["evenements"]]
    nombre, ancre = int(chaine["nombre"]), chaine["ancre"]
    require_cles(chaine, {"ancre", "evenements", "nombre", "tete"})
    require_cles(ancre, {"hash", "nombre"})
    check_chaine(index, evenements, nombre, chaine.get("tete"), ancre, constats)
    check_sceau(index, fichiers, evenements, ancre, sceau, constats)
    check_extraits(fichiers, evenements, constats)
    check_manifestes(fichiers, evenements, constats)
    check_etats(evenements, constats)
    check_delais(index, evenements, constats)
    if "sceau.tsr" in fichiers:
        check_jeton(fichiers, autorite, constats)
    return constats


# ── L'archive ───────────────────────────────────────────────────────────────────────────────────────────────────


def open_archive(octets: bytes, constats: Constats) -> Fichiers:
    """Lit les fichiers de l'archive, qui n'a qu'une forme possible."""
    if len(octets) > OCTETS_MAX:
        raise Illisible("L'archive est trop grande pour une preuve.")
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            if sum(e.file_size for e in archive.infolist()) > OCTETS_MAX:
                raise Illisible("L'archive est trop grande pour une preuve.")
            fichiers = {e.filename: archive.read(e) for e in archive.infolist()}
    except Illisible:
        raise
    except Exception as e:  # noqa: BLE001 - zipfile lève ce que ses décodeurs lèvent
        quoi = "octet changé" if "CRC" in str(e) else "ce n'est pas une archive zip entière"
        raise Illisible(f"{quoi} ({type(e).__name__}).") from None
    if "index.json" not in fichiers or "chaine.json" not in fichiers or "sceau.txt" not in fichiers:
        raise Illisible("L'archive n'a pas les fichiers d'une preuve (index.json, chaine.json, sceau.txt).")
    if pack(fichiers) != octets:
        constats.alter("octet changé : l'archive n'est plus telle qu'elle a été écrite.")
    return fichiers


def pack(fichiers: Fichiers) -> bytes:
    """Écrit ces fichiers sous la seule forme qu'une preuve puisse avoir."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        for nom in sorted(fichiers):
            entree = zipfile.ZipInfo(nom)
            entree.create_system, entree.external_attr = 3, 0o644 << 16
            archive.writestr(entree, fichiers[nom])
    return tampon.getvalue()


def write_json(contenu: object) -> bytes:
    """Écrit du JSON sous la seule forme qu'une preuve puisse avoir."""
    return (json.dumps(contenu, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def read_json(fichiers: Fichiers, nom: str, constats: Constats) -> Any:
    """Lit un fichier JSON de l'archive."""
    if nom not in fichiers:
        constats.alter(f"{nom} manque.")
        return None
    try:
        lu = json.loads(fichiers[nom].decode(), parse_float=str)
    except (ValueError, RecursionError):
        raise Illisible(f"{nom} n'est pas du JSON.") from None
    if write_json(lu) != fichiers[nom]:
        constats.alter(f"octet changé : {nom} n'est plus tel qu'il a été écrit.")
    return lu


def check_index(fichiers: Fichiers, constats: Constats, empreinte: str | None) -> dict[str, Any]:
    """Compare chaque fichier à l'index, et l'index à son empreinte."""
    index = read_json(fichiers, "index.json", constats)
    if not isinstance(index, dict) or index.get("schema") != SCHEMA:
        raise Illisible(f"index.json n'est pas celui d'une preuve {SCHEMA}.")
    sans = {cle: valeur for cle, valeur in index.items() if cle != "empreinte"}
    if sha256(write_json(sans)).hexdigest() != index.get("empreinte"):
        constats.alter("octet changé : l'index n'a plus l'empreinte qu'il dit.")
    if empreinte and empreinte.strip().lower() != index.get("empreinte"):
        constats.alter("archive étrangère : son empreinte n'est pas celle qui a été donnée.")
    attendus = index.get("fichiers")
    attendus = attendus if isinstance(attendus, dict) else {}
    for nom in sorted(set(attendus) | (set(fichiers) - {"index.json"})):
        if nom not in fichiers:
            constats.alter(f"fichier retiré : {nom} est dans l'index, pas dans l'archive.")
        elif nom not in attendus:
            constats.alter(f"fichier ajouté : {nom} n'est pas dans l'index.")
        elif sha256(fichiers[nom]).hexdigest() != attendus[nom]:
            constats.alter(f"octet changé : {nom} n'est plus celui que l'index décrit.")
    return index


# ── La chaîne et son sceau ──────────────────────────────────────────────────────────────────────────────────────


def require_cles(lu: Mapping[str, Any], cles: set[str]) -> None:
    """Refuse un objet qui n'a pas exactement ces clés : une clé renommée passerait pour absente."""
    if set(lu) != cles:
        raise ValueError("clés")


def read_evenement(brut: Mapping[str, Any]) -> Evenement:
    """Lit un événement : ce que son texte scellé dit, champ par champ."""
    require_cles(brut, {"engage", "hash", "id", "scelle", "texte_motif"})
    textes = json.loads(brut["scelle"], parse_float=str)
    if not isinstance(textes, list) or len(textes) != len(CHAMPS):
        raise ValueError("scelle")
    evenement = dict(zip(CHAMPS, textes, strict=True))
    evenement.update(id=int(brut["id"]), hash=brut["hash"], scelle=brut["scelle"], engage=brut["engage"])
    evenement["texte_motif"] = brut["texte_motif"]
    evenement["le"] = datetime.fromtimestamp(float(evenement["inscrit_le"]), UTC)
    if not isinstance(evenement["preuve"], dict) or not isinstance(evenement["version"], int):
        raise ValueError("preuve")
    return evenement


def check_chaine(
    index: Mapping[str, Any], evenements: list[Evenement], nombre: int, tete: str, ancre: Mapping[str, Any],
    constats: Constats,
) -> None:  # fmt: skip
    """Suit la chaîne : chaque texte a son empreinte, chaque empreinte tient la précédente."""
    dire = constats.alter
    hashs = {e["hash"] for e in evenements} | {ancre.get("hash")}
    rayes = {e["preuve"].get("evenement") for e in evenements if e["etat"] == RAYE}
    precedent, avant = ancre.get("hash"), None
    for e in evenements:
        nom = "l'événement {} ({})".format(e["id"], e["etat"])
        if sha256(e["scelle"].encode()).hexdigest() != e["hash"]:
            dire(
                f"événement altéré : {nom} n'a plus le texte (date, état ou preuve) que son empreinte scelle."
            )
        if e["engage"] is not None and sha256(e["engage"].encode()).hexdigest() != e["engagement"]:
            dire(f"événement altéré : l'acteur de {nom} n'est plus celui qui a été scellé.")
        if e["engage"] is not None:
            check_motif(e, nom, rayes, constats)
        if (e["mois"], e["code_caf"]) != (index.get("mois"), index.get("code_caf")):
            dire(f"événement étranger : {nom} est d'un autre lot.")
        if e["precedent"] != precedent:
            if e["precedent"] in hashs:
                dire(f"ordre changé : {nom} ne suit pas celui que la chaîne met avant lui.")
            else:
                dire(f"événement manquant : celui que {nom} suivait a été retiré ou récrit.")
        if avant and (e["le"] < avant["le"] or e["id"] <= avant["id"]):
            dire(f"ordre changé : {nom} est daté ou numéroté avant celui qu'il suit.")
        precedent, avant = e["hash"], e
    if precedent != tete or int(ancre.get("nombre") or 0) + len(evenements) != nombre:
        dire(f"fin coupée : la chaîne devait compter {nombre} événements et finir par {tete:.12}…")


def check_motif(e: Evenement, nom: str, rayes: set[Any], constats: Constats) -> None:
    """Compare la raison à l'empreinte que l'événement en tient ; rayée, un autre événement le dit."""
    if e["texte_motif"] is not None:
        if sha256(e["texte_motif"].encode()).hexdigest() != json.loads(e["engage"])[2]:
            constats.alter(f"événement altéré : le motif de {nom} n'est plus celui qui a été scellé.")
    elif e["id"] in rayes:
        constats.note(f"La raison de {nom} a été rayée ; la chaîne dit quand.")
    else:
        constats.alter(f"événement altéré : le motif de {nom} a été ôté sans que la chaîne le dise.")


def check_sceau(
    index: Mapping[str, Any], fichiers: Fichiers, evenements: list[Evenement], ancre: Mapping[str, Any],
    sceau: str | None, constats: Constats,
) -> None:  # fmt: skip
    """Compare la chaîne à ce que le sceau du mois en a scellé."""
    dire = constats.alter
    texte = fichiers["sceau.txt"]
    calcule = sha256(texte).hexdigest()
    if calcule != index.get("sceau"):
        dire("sceau étranger : sceau.txt n'est pas celui que l'index annonce.")
    if sceau and sceau.strip().lower() != calcule:
        dire("sceau étranger : il n'est pas celui que vous avez reçu par courriel.")
    cle = [str(index.get("mois")), str(index.get("code_caf"))]
    lignes = [x.split(";") for x in texte.decode("utf-8", "replace").split("\n")]
    miennes = [x for x in lignes if x[:2] == cle and len(x) == 5]
    if len(miennes) != 1:
        dire("sceau étranger : il ne tient pas la chaîne de ce lot.")
        return
    try:
        dernier, nombre, tete = int(miennes[0][2]), int(miennes[0][3]), miennes[0][4]
        rang = nombre - int(ancre.get("nombre") or 0)
    except ValueError:
        dire("sceau étranger : sa ligne pour ce lot est illisible.")
        return
    if rang > len(evenements):
        dire(f"fin coupée : le sceau connaît {rang} événements, l'archive {len(evenements)}.")
        return
    if rang > 0 and (evenements[rang - 1]["hash"], evenements[rang - 1]["id"]) != (tete, dernier):
        dire(
            "sceau étranger, ou histoire récrite : l'événement {} n'est pas celui qu'il a scellé.".format(
                evenements[rang - 1]["id"]
            )
        )
    if rang == 0 and ancre.get("hash") != tete:
        dire("sceau étranger, ou histoire récrite : il ne finit pas là où commence la chaîne.")
    if rang < len(evenements):
        constats.note(
            f"Événements inscrits depuis le sceau de {index.get('scelle_pour')}, que le prochain tiendra : "
            f"{len(evenements) - rang}."
        )
    constats.note("Sceau de {} : {}".format(index.get("scelle_pour"), calcule))
    if not sceau:
        constats.note(
            "À comparer au sceau reçu par courriel (--sceau) : lui seul prouve que rien n'est refait."
        )


def check_extraits(fichiers: Fichiers, evenements: list[Evenement], constats: Constats) -> None:
    """Les accusés, les retours et les certificats sont ceux de la chaîne, mot pour mot."""
    for nom, etats in EXTRAITS.items():
        dits = read_json(fichiers, nom, constats)
        attendus = [
            {
                "evenement": e["id"],
                **{c: e[c] for c in ("version", "code_cpam", "etat", "inscrit_le", "preuve")},
            }
            for e in evenements
            if e["etat"] in etats
        ]
        if dits == attendus:
            continue
        mot = "certificat remplacé" if nom == "certificats.json" else "pièce remplacée"
        par_id = (
            {d.get("evenement"): d for d in dits if isinstance(d, dict)} if isinstance(dits, list) else {}
        )
        numeros = {a["evenement"] for a in attendus}
        for attendu in attendus:
            dit = par_id.get(attendu["evenement"])
            if dit is None:
                constats.alter("{} : {} ne dit plus l'événement {}.".format(mot, nom, attendu["evenement"]))
                continue
            champs = [c for c in attendu if dit.get(c) != attendu[c] and c != "preuve"]
            preuve: dict[str, Any] = dit["preuve"] if isinstance(dit.get("preuve"), dict) else {}
            champs += sorted(
                c for c in set(preuve) | set(attendu["preuve"]) if preuve.get(c) != attendu["preuve"].get(c)
            )
            if champs:
                genre = "date changée" if any(c.startswith(("date_", "inscrit")) for c in champs) else mot
                constats.alter(
                    "{} : {} et la chaîne ne disent pas la même chose de l'événement {} ({}).".format(
                        genre, nom, attendu["evenement"], ", ".join(champs)
                    )
                )
        if (
            set(par_id) - numeros
            or not isinstance(dits, list)
            or len(dits) != len(attendus)
            or len(par_id) != len(dits)
        ):
            constats.alter(f"{mot} : {nom} a des entrées que la chaîne n'a pas.")
        elif list(par_id) != [a["evenement"] for a in attendus]:
            constats.alter(f"ordre changé : {nom} n'est pas dans l'ordre de la chaîne.")
        elif not any(nom in a for a in constats.alterations):
            constats.alter(f"{mot} : {nom} n'est pas ce que la chaîne dit.")


def check_manifestes(fichiers: Fichiers, evenements: list[Evenement], constats: Constats) -> None:
    """Compare chaque manifeste à l'empreinte que le dépôt en a inscrite."""
    annonces = {
        "manifestes/v{}-{}.json".format(e["version"], str(e["preuve"].get("manifeste"))[:12]): e[
            "preuve"
        ].get("manifeste")
        for e in evenements
        if e["etat"] == "depose"
    }
    presents = {nom for nom in fichiers if nom.startswith("manifestes/")}
    for nom in sorted(set(annonces) | presents):
        if nom not in presents:
            constats.alter(f"manifeste manquant : {nom}, que la chaîne annonce.")
        elif nom in annonces and sha256(fichiers[nom]).hexdigest() != annonces[nom]:
            constats.alter(f"manifeste remplacé : {nom} n'est pas celui que la chaîne annonce.")
        elif nom not in annonces:
            constats.alter(f"fichier ajouté : {nom}, que la chaîne n'annonce pas.")


# ── Les états et les délais ─────────────────────────────────────────────────────────────────────────────────────


def check_etats(evenements: list[Evenement], constats: Constats) -> None:
    """Vérifie que chaque état peut venir après ce qui a été dit de la même version."""
    vus: dict[Any, set[str]] = {}
    fin: dict[Any, str] = {}
    # Après une purge de la trace (36 mois), le début de la chaîne n'est plus là pour être vu.
    coupe = bool(evenements) and evenements[0]["precedent"] is not None
    for e in evenements:
        version, cpam, etat = e["version"], e["code_cpam"], e["etat"]
        nom = "l'événement {} ({})".format(e["id"], etat)
        if etat == RAYE:
            continue
        if etat not in PRECEDENTS:
            constats.alter(f"état inconnu : {nom}.")
            continue
        dits = vus.setdefault((version, None), set()) | vus.setdefault((version, cpam), set())
        if not coupe and not dits & PRECEDENTS[etat] and etat not in PREMIERS:
            constats.alter(
                "ordre des états : {}, sans qu'aucun de ceux-ci soit dit avant : {}.".format(
                    nom, ", ".join(sorted(PRECEDENTS[etat]))
                )
            )
        if version in fin and not (cpam and etat in APRES_LA_FIN) and etat not in FINS:
            constats.alter(f"ordre des états : {nom} vient après la fin de la version ({fin[version]}).")
        if etat in FINS and not cpam:
            fin[version] = etat
        vus[(version, cpam)].add(etat)


def check_delais(index: Mapping[str, Any], evenements: list[Evenement], constats: Constats) -> None:
    """Compte les délais : l'envoi, la destruction par la Cpam, celle de nos copies."""
    delais: dict[str, Any] = index["delais"]
    try:
        ouvres, mois, avant_purge = (
            int(delais[c]) for c in ("jours_ouvres_transmission", "mois_certificat", "mois_avant_purge")
        )
        etabli = paris(datetime.fromisoformat(index["etabli_le"]))
    except (KeyError, TypeError, ValueError):
        constats.alter("octet changé : les délais ou la date de l'index sont illisibles.")
        return
    depots: dict[int, date] = {}
    fins: dict[str, tuple[int, date]] = {}
    detruits: dict[str, date] = {}
    for e in evenements:
        preuve = e["preuve"]
        try:
            if e["etat"] == "depose":
                depots.setdefault(e["version"], paris(e["le"]))
            elif e["etat"] == "transmis" and e["version"] in depots:
                check_envoi(e, depots[e["version"]], ouvres, constats)
            elif e["etat"] == "traite":
                fins[e["code_cpam"]] = (e["version"], date.fromisoformat(preuve["date_fin_traitement"]))
            elif e["etat"] == "detruit":
                detruits[e["code_cpam"]] = date.fromisoformat(preuve["date_destruction"])
        except (KeyError, TypeError, ValueError):
            constats.alter("événement altéré : la preuve de l'événement {} est illisible.".format(e["id"]))
    for cpam, (version, fin) in sorted(fins.items()):
        limite, fait = add_mois(fin, mois), detruits.get(cpam)
        if fait is None and etabli > limite:
            constats.retards.append(f"Cpam {cpam}, v{version} : destruction due le {limite}, pas certifiée.")
        elif fait and fait > limite:
            constats.retards.append(f"Cpam {cpam}, v{version} : détruit le {fait}, dû le {limite}.")
    expire = [paris(e["le"]) for e in evenements if e["etat"] == "expire" and not e["code_cpam"]]
    if depots and evenements[0]["precedent"] is None:
        limite = add_mois(min(depots.values()), avant_purge) + timedelta(
            days=1
        )  # la purge est de chaque nuit
        if not expire and etabli > limite:
            constats.retards.append(f"Nos copies devaient être détruites le {limite}, et ne le sont pas.")
        elif expire and min(expire) > limite:
            constats.retards.append(f"Nos copies ont été détruites le {min(expire)}, après le {limite}.")


def check_envoi(e: Evenement, depose_le: date, ouvres: int, constats: Constats) -> None:
    """Compte les jours ouvrés du dépôt à l'envoi."""
    envoye = date.fromisoformat(e["preuve"]["date_transmission"])
    jours = count_jours_ouvres(depose_le, envoye)
    ou = "Cpam {}, v{}".format(e["code_cpam"], e["version"])
    if jours > ouvres:
        constats.retards.append(
            f"{ou} : envoyé le {envoye}, {jours} jours ouvrés après le dépôt ({ouvres} au plus)."
        )
    if jours != e["preuve"].get("jours_ouvres"):
        constats.note(
            f"{ou} : la trace compte {e['preuve'].get('jours_ouvres')} jours ouvrés jusqu'à l'envoi, "
            f"ce programme {jours}."
        )


def paris(instant: datetime) -> date:
    """Le jour à Paris : UTC + 1 h, + 2 h du dernier dimanche de mars à celui d'octobre (1 h UTC)."""
    instant = instant.astimezone(UTC)
    ete = [datetime(instant.year, m, 31, 1, tzinfo=UTC) for m in (3, 10)]
    debut, fin = (j - timedelta(days=(j.weekday() + 1) % 7) for j in ete)
    return (instant + timedelta(hours=2 if debut <= instant < fin else 1)).date()


def count_jours_ouvres(debut: date, fin: date) -> int:
    """Compte les jours ouvrés après le premier, jusqu'au second."""
    return sum(is_ouvre(debut + timedelta(days=n)) for n in range(1, (fin - debut).days + 1))


def is_ouvre(jour: date) -> bool:
    """Dit si ce jour est ouvré en France ; Pâques par l'algorithme de Meeus."""
    a, b, c = jour.year % 19, jour.year // 100, jour.year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    mois, rang = divmod(h + k - 7 * m + 114, 31)
    paques = date(jour.year, mois, rang + 1)
    feries = {paques + timedelta(days=n) for n in (1, 39, 50)}
    fixes = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    return jour.weekday() < 5 and jour not in feries and (jour.month, jour.day) not in fixes


def add_mois(jour: date, nombre: int) -> date:
    """Rend le même jour, des mois plus tard."""
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + nombre, 12)
    dernier = (date(annee + (rang == 11), (rang + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(annee, rang + 1, min(jour.day, dernier))


# ── L'horodatage (RFC 3161), s'il y en a un ─────────────────────────────────────────────────────────────────────


def check_jeton(fichiers: Fichiers, autorite: str | None, constats: Constats) -> None:
    """Lit l'horodatage : il date ce sceau, et rien d'autre."""
    dire = constats.alter
    try:
        jeton = read_jeton(fichiers["sceau.tsr"])
    except (ValueError, IndexError, KeyError, TypeError):
        dire("horodatage illisible : sceau.tsr n'est pas un jeton RFC 3161 sur SHA-256.")
        return
    if jeton["empreinte"] != sha256(fichiers["sceau.txt"]).digest():
        dire("horodatage étranger : le jeton date autre chose que ce sceau.")
    if jeton["resume"] != sha256(jeton["tst"]).digest():
        dire("horodatage altéré : sa date ou son empreinte n'est plus celle qui a été signée.")
    constats.note(
        "Horodatage du sceau : {} UTC. Sa signature se vérifie avec le certificat de l'autorité : "
        "openssl ts -verify -data sceau.txt -in sceau.tsr -CAfile autorite.pem".format(
            jeton["le"].strftime("%d/%m/%Y %H:%M:%S")
        )
    )
    if autorite is not None:
        check_signature(fichiers, autorite, constats)


def check_signature(fichiers: Fichiers, autorite: str, constats: Constats) -> None:
    """Demande à openssl si la signature du jeton est de cette autorité."""
    import shutil
    import subprocess
    import tempfile

    openssl = shutil.which("openssl")
    if openssl is None:
        constats.alter("horodatage non vérifié : --autorite demande le programme openssl, absent d'ici.")
        return
    with tempfile.TemporaryDirectory() as dossier:
        for nom in ("sceau.txt", "sceau.tsr"):
            (Path(dossier) / nom).write_bytes(fichiers[nom])
        fini = subprocess.run(  # noqa: S603 - un programme connu, sans interpréteur
            [openssl, "ts", "-verify", "-data", "sceau.txt", "-in", "sceau.tsr",
             "-CAfile", str(Path(autorite).resolve())],
            cwd=dossier, capture_output=True, check=False,
        )  # fmt: skip
    if fini.returncode:
        constats.alter("horodatage étranger : la signature du jeton n'est pas de cette autorité.")
    else:
        constats.note("Signature de l'horodatage : vérifiée.")


def read_suite(octets: bytes) -> list[tuple[int, bytes]]:
    """Rend les éléments DER qui se suivent : (étiquette, contenu)."""
    lus, i = list[tuple[int, bytes]](), 0
    while i < len(octets):
        etiquette, taille, i = octets[i], octets[i + 1], i + 2
        if taille & 0x80:
            n = taille & 0x7F
            taille, i = int.from_bytes(octets[i : i + n], "big"), i + n
        if i + taille > len(octets):
            raise ValueError("coupé")
        lus.append((etiquette, octets[i : i + taille]))
        i += taille
    return lus


SHA256 = bytes.fromhex("608648016503040201")
RESUME = bytes.fromhex("2a864886f70d010904")


def read_jeton(octets: bytes) -> dict[str, Any]:
    """Lit ce qu'un jeton RFC 3161 date, quand, et ce qu'il a signé."""
    reponse = read_suite(read_suite(octets)[0][1])
    signe = read_suite(read_suite(read_suite(reponse[1][1])[1][1])[0][1])
    brut = read_suite(read_suite(signe[2][1])[1][1])[0][1]
    info = read_suite(read_suite(brut)[0][1])
    algo, empreinte = read_suite(info[2][1])
    if read_suite(algo[1])[0][1] != SHA256:
        raise ValueError("empreinte")
    texte = info[4][1].decode().rstrip("Z").split(".")[0]
    resume = None
    for signataire in read_suite(signe[-1][1]):
        for champ in read_suite(signataire[1]):
            if champ[0] == 0xA0:
                for attribut in read_suite(champ[1]):
                    nom, valeurs = read_suite(attribut[1])
                    if nom[1] == RESUME:
                        resume = read_suite(valeurs[1])[0][1]
    le = datetime.strptime(texte, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return {
        "empreinte": empreinte[1],
        "le": le,
        "tst": brut,
        "resume": resume if resume and len(resume) == 32 else None,
    }


def main(arguments: list[str] | None = None) -> int:
    """Vérifie l'archive nommée sur la ligne de commande."""
    analyseur = argparse.ArgumentParser(description="Vérifie l'archive de preuve d'un lot.")
    analyseur.add_argument("archive")
    analyseur.add_argument(
        "--sceau", help="le sceau du mois, tel que l'équipe nationale l'a reçu par courriel"
    )
    analyseur.add_argument("--empreinte", help="l'empreinte de l'archive, reçue par un autre canal")
    analyseur.add_argument(
        "--autorite", help="le certificat (PEM) de l'autorité d'horodatage ; demande openssl"
    )
    choix = analyseur.parse_args(arguments)
    try:
        octets = Path(choix.archive).read_bytes()
        constats = verify(octets, choix.sceau, choix.empreinte, choix.autorite)
    except (OSError, Illisible) as erreur:
        print(f"ILLISIBLE : {erreur}")
        return 2
    for titre, lignes in (
        ("Altération", constats.alterations),
        ("Délai", constats.retards),
        ("Note", constats.notes),
    ):
        for ligne in lignes:
            print(f"{titre} : {ligne}")
    dit = {
        0: "INTACTE, délais tenus.",
        1: "ALTÉRÉE : ne pas s'y fier.",
        3: "INTACTE, mais un délai n'est pas tenu.",
    }
    print(dit[constats.code()])
    return constats.code()


if __name__ == "__main__":
    sys.exit(main())
