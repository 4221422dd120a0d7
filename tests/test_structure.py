"""The shape of the house: imports go one way, SQL lives in files, nothing belongs to one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJET = Path(__file__).parents[1]
SQL = PROJET / "include" / "sql"
FICHIERS_SQL = sorted(SQL.rglob("*.sql"))
LIGNES_MAX = 400
LIGNES_MAX_DAG = 70  # it only wires
# SQL that is put together in Python, and why: identifiers cannot be bound.
SQL_CONSTRUIT = {
    "include/aller_vers/socle/partitions.py": "names of partitions, from a parsed month",
    "include/aller_vers/poste/airflow.py": "name of a database of this module",
    "include/aller_vers/poste/bases.py": "names of roles and databases of the project",
    "include/aller_vers/requete/extraction.py": "COPY of the request; columns of the contract, a parsed month",
    "include/aller_vers/socle/referentiel_entrepot.py": "tables and columns of this module",
    "include/aller_vers/requete/nettoyage/passe.py": "COPY into columns of this module",
}
ORDRE_SQL = re.compile(
    r"\s*(SELECT\s|INSERT INTO\s|DELETE FROM\s|UPDATE \w+ SET|(CREATE|DROP|ALTER|COMMENT ON)\s+[A-Z]+|COPY\s"
    r"|TRUNCATE\s|GRANT\s|REVOKE\s|WITH \w+ AS)"
)
CHEMIN_DE_MACHINE = re.compile(r"(?<![\w.])/(home|Users|root|work|mnt|media)/\w|\b[A-Z]:\\(Users|Documents)")
REGISTRE = re.compile(
    r"(--(extra-)?index-url|--find-links)[ =]\S+|https?://\S*(/simple\b|pypi|pythonhosted|artifactory|nexus)"
    r"|https?://[^\s/@]+:[^\s/@]+@"
)


# The rooms, from the ground up: a room imports itself and rooms on lines above its own.
PIECES = """
socle
partage
suivi poste
qualite mesures
requete lots indicateurs
retours diffusion destruction
rapports
pilotage exploitation
commandes
"""
HAUTEUR = {piece: rang for rang, ligne in enumerate(PIECES.split("\n")) for piece in ligne.split()}
DOMAINE = PROJET / "include" / "aller_vers"


def list_python(*dossiers: str) -> list[Path]:
    fichiers = [fichier for dossier in dossiers for fichier in sorted((PROJET / dossier).rglob("*.py"))]
    assert fichiers
    return fichiers


def list_fichiers() -> list[Path]:
    """Return what git keeps or is about to keep."""
    fini = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJET, capture_output=True, text=True, check=True,
    )  # fmt: skip
    fichiers = [PROJET / nom for nom in fini.stdout.split("\0") if nom]
    return [fichier for fichier in fichiers if fichier.is_file()]


def list_imports(arbre: ast.AST) -> Iterator[str]:
    for noeud in ast.walk(arbre):
        if isinstance(noeud, ast.Import):
            yield from (alias.name for alias in noeud.names)
        elif isinstance(noeud, ast.ImportFrom):
            yield "." * noeud.level + (noeud.module or "")
        elif isinstance(noeud, ast.Call) and "import" in ast.unparse(noeud.func):
            yield from (
                a.value for a in noeud.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            )


def find_imports(fichier: Path, interdits: set[str]) -> list[str]:
    noms = list_imports(ast.parse(fichier.read_text(encoding="utf-8")))
    return [f"{fichier.name}: {nom}" for nom in noms if nom.partition(".")[0] in interdits]


def find_sql_construit(texte: str) -> list[str]:
    """Return the SQL that this Python puts together: f-strings, ``%``, ``+`` and ``format``."""

    def is_sql(noeud: ast.AST) -> bool:
        return isinstance(noeud, ast.Constant) and bool(ORDRE_SQL.match(str(noeud.value)))

    def is_assemble(noeud: ast.AST) -> bool:
        match noeud:
            case ast.JoinedStr(values=[debut, _, *_]):
                return is_sql(debut)
            case ast.BinOp(op=ast.Mod() | ast.Add(), left=gauche):
                return is_sql(gauche)
            case ast.Call(func=ast.Attribute(attr="format", value=modele)):
                return is_sql(modele)
        return False

    return [ast.unparse(noeud) for noeud in ast.walk(ast.parse(texte)) if is_assemble(noeud)]


def find_dans_les_fichiers(motif: re.Pattern[str], fichiers: list[Path]) -> list[str]:
    fautes = []
    for fichier in fichiers:
        if fichier == Path(__file__):
            continue
        for numero, ligne in enumerate(fichier.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if motif.search(ligne):
                fautes.append(f"{fichier.relative_to(PROJET)}:{numero}")
    return fautes


def test_the_domain_imports_neither_airflow_nor_what_is_built_on_it() -> None:
    interdits = {"airflow", "aller_vers_airflow", "aller_vers_plugin", "dags", "plugins", "tests"}
    fautes = [faute for fichier in list_python("include") for faute in find_imports(fichier, interdits)]
    assert fautes == []


def test_nothing_stands_loose_beside_the_rooms() -> None:
    noms = {f.name for f in DOMAINE.iterdir() if f.name != "__pycache__"}
    assert noms - {"__init__.py", "__main__.py", "py.typed"} == set(HAUTEUR)
    assert len(HAUTEUR) == 16
    assert {f.name for f in SQL.iterdir()} <= set(HAUTEUR), "a folder of SQL is a room"
    assert not list((PROJET / "include").glob("*.yml")), "settings stand in include/configuration"


def find_imports_montants(piece: str, texte: str) -> list[str]:
    """Return the imports of this text, of a module of this room, that go up or sideways."""
    montants = []
    for noeud in ast.walk(ast.parse(texte)):
        noms = [noeud.module or ""] if isinstance(noeud, ast.ImportFrom) else []
        if noms == ["aller_vers"]:
            noms = [f"aller_vers.{alias.name}" for alias in noeud.names]
        if isinstance(noeud, ast.Import):
            noms = [alias.name for alias in noeud.names]
        for nom in noms:
            autre = nom.split(".")[1] if nom.startswith("aller_vers.") else piece
            if autre != piece and HAUTEUR[autre] >= HAUTEUR[piece]:
                montants.append(nom)
    return montants


# One word, one thing: each of these names is one definition.
NOMS_UNIQUES = {
    "NATION", "SANS_CONVENTION", "Bilan", "Etat", "Suite", "Attente", "Alerte", "Score", "decide", "load_caf",
}  # fmt: skip


def list_definitions(texte: str) -> Iterator[str]:
    """Return the names that a module defines at its top: classes, functions, constants."""
    for noeud in ast.parse(texte).body:
        match noeud:
            case ast.ClassDef(name=nom) | ast.FunctionDef(name=nom):
                yield nom
            case ast.Assign(targets=cibles):
                yield from (cible.id for cible in cibles if isinstance(cible, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=nom)):
                yield nom


def test_one_word_is_one_thing() -> None:
    definitions = Counter(
        nom
        for fichier in list_python("include/aller_vers", "plugins")
        for nom in list_definitions(fichier.read_text(encoding="utf-8"))
    )
    assert {nom: definitions[nom] for nom in NOMS_UNIQUES if definitions[nom] > 1} == {}
    assert definitions["NATION"] == definitions["SANS_CONVENTION"] == 1


def test_a_room_imports_only_from_rooms_above_its_own_line() -> None:
    montants = {}
    for fichier in list_python("include/aller_vers"):
        piece = fichier.relative_to(DOMAINE).parts[0]
        if piece in HAUTEUR and (noms := find_imports_montants(piece, fichier.read_text(encoding="utf-8"))):
            montants[str(fichier.relative_to(DOMAINE))] = noms
    assert montants == {}


@pytest.mark.parametrize(
    "texte",
    ["from aller_vers import lots", "from aller_vers.lots.depot import x", "import aller_vers.rapports"],
)
def test_an_import_that_goes_up_is_seen(texte: str) -> None:
    assert find_imports_montants("socle", f"def f():\n    {texte}")
    assert not find_imports_montants("commandes", texte)


def test_the_plugins_import_no_dag() -> None:
    interdits = {"dags", "tests"} | {fichier.stem for fichier in list_python("dags")}
    fautes = [faute for fichier in list_python("plugins") for faute in find_imports(fichier, interdits)]
    assert fautes == []


def test_a_dag_imports_no_other_dag() -> None:
    interdits = {"dags"} | {fichier.stem for fichier in list_python("dags")}
    assert [faute for fichier in list_python("dags") for faute in find_imports(fichier, interdits)] == []


@pytest.mark.parametrize(
    "texte",
    ["import airflow.sdk", "from airflow import DAG", "def f():\n    from airflow.sdk import dag",
     "import importlib\nimportlib.import_module('airflow.sdk')"],
)  # fmt: skip
def test_an_import_of_airflow_is_seen_wherever_it_stands(tmp_path: Path, texte: str) -> None:
    fichier = tmp_path / "domaine.py"
    fichier.write_text(texte)
    assert find_imports(fichier, {"airflow"})


def test_no_import_is_relative() -> None:
    fautes = [
        f"{fichier.relative_to(PROJET)}: {nom}"
        for fichier in list_python("include", "plugins", "dags", "tests")
        for nom in list_imports(ast.parse(fichier.read_text(encoding="utf-8")))
        if nom.startswith(".")
    ]
    assert fautes == []


def test_airflow_loads_one_plugin_file_and_is_told_to_ignore_the_rest() -> None:
    plugins = PROJET / "plugins"
    ignores = set((plugins / ".airflowignore").read_text(encoding="utf-8").split())
    assert [fichier.name for fichier in plugins.glob("*.py")] == ["aller_vers_plugin.py"]
    dossiers = {f"{d.name}/" for d in plugins.iterdir() if d.is_dir() and d.name != "__pycache__"}
    assert dossiers == ignores == {"aller_vers_airflow/"}


def test_no_module_shadows_the_standard_library_or_airflow() -> None:
    noms = [f.stem for f in [*list_python("dags"), PROJET / "plugins" / "aller_vers_plugin.py"]]
    assert not set(noms) & (set(sys.stdlib_module_names) | {"airflow"})
    assert not (PROJET / "tests" / "airflow").exists()


def test_every_test_module_has_a_name_of_its_own() -> None:
    noms = Counter(f.name for f in list_python("tests") if f.name not in ("conftest.py", "__init__.py"))
    assert [nom for nom, fois in noms.items() if fois > 1] == [], "pytest collects neither of two namesakes"


def test_no_file_of_code_has_to_be_scrolled_for_ever() -> None:
    longueurs = {
        str(fichier.relative_to(PROJET)): len(fichier.read_text(encoding="utf-8").splitlines())
        for fichier in list_python("include", "plugins", "dags", "config")
    }
    assert {nom: n for nom, n in longueurs.items() if n > LIGNES_MAX} == {}
    assert {nom: n for nom, n in longueurs.items() if nom.startswith("dags/") and n > LIGNES_MAX_DAG} == {}


@pytest.mark.parametrize("fichier", FICHIERS_SQL, ids=lambda f: str(f.relative_to(SQL)))
def test_every_sql_file_says_what_it_is_for(fichier: Path) -> None:
    lignes = fichier.read_text(encoding="utf-8").splitlines()
    entete = "\n".join(lignes[: next(i for i, ligne in enumerate(lignes) if not ligne.startswith("--"))])
    regle = fichier.parent.name == "regles"
    champs = (
        ["code", "libelle", "protege", "source", "bloquante", "purpose"]
        if regle
        else ["purpose", "grain", "inputs", "parameters"]
    )
    absents = [
        c for c in champs if not re.search(rf"^-- {c}: +\S", entete, flags=re.MULTILINE | re.IGNORECASE)
    ]
    assert absents == []
    if regle:
        assert f"-- code: {fichier.stem}\n" in entete


@pytest.mark.parametrize(
    "fichier",
    # A rule is a predicate; the schema and the source contract are run as they stand.
    [f for f in FICHIERS_SQL if f.parent.name not in {"regles", "schema", "source"}],
    ids=lambda f: str(f.relative_to(SQL)),
)
def test_every_parameter_of_a_sql_file_is_in_its_header_and_the_other_way_round(fichier: Path) -> None:
    lignes = fichier.read_text(encoding="utf-8").splitlines()
    corps = "\n".join(re.sub(r"--.*", "", ligne) for ligne in lignes)
    corps = re.sub(r"'[^']*'", "''", corps)
    entete = "\n".join(ligne for ligne in lignes if ligne.startswith("--")).partition("parameters:")[2]
    motif = r"(?<![:\w]):([a-z_]\w*)"
    assert set(re.findall(motif, corps)) == set(re.findall(motif, entete))


def test_the_day_of_an_instant_is_that_of_paris_and_not_the_server_s() -> None:
    du_serveur = re.compile(
        r"(_le|_depot|now\(\)|maintenant\(\)|\binstant)(::date\b| AS date\))|\bcurrent_date\b", re.IGNORECASE
    )
    trouves = {f.name: du_serveur.findall(f.read_text("utf-8")) for f in FICHIERS_SQL}
    assert {nom for nom, jours in trouves.items() if jours} == set()


def test_every_sql_file_is_run_by_some_code() -> None:
    lus = (
        *list_python("include", "plugins"),
        *FICHIERS_SQL,
    )  # a statement names what it has in common with others
    code = "\n".join(f.read_text(encoding="utf-8") for f in lus)
    assert '/ "regles").glob("*.sql")' in code
    assert '/ "mesures").glob("*.sql")' in code
    par_dossier = {
        "regles": r'load_regles\(\s*"{piece}"',
        "mesures": r'store_mesures\([^()]*"{piece}"',
        "a_la_source": r'_FICHIERS = "{piece}/a_la_source"',
        "schema": r"\"schema\"",
        "commun": r"-- avec:.* {nom}\b",
    }
    orphelins = []
    assert len(FICHIERS_SQL) > 40
    for fichier in FICHIERS_SQL:
        nom = fichier.relative_to(SQL)
        motif = par_dossier.get(fichier.parent.name) if len(nom.parts) > 2 else None
        cherche = (
            motif.replace("{piece}", nom.parts[0]).replace("{nom}", nom.stem)
            if motif
            else re.escape(f'"{nom.as_posix()}"')
        )
        if not re.search(cherche, code):
            orphelins.append(str(nom))
    assert orphelins == []


def test_python_builds_no_sql_but_where_it_says_why() -> None:
    construits = {
        str(fichier.relative_to(PROJET))
        for fichier in list_python("include", "plugins", "dags", "config")
        if find_sql_construit(fichier.read_text(encoding="utf-8"))
    }
    assert construits == set(SQL_CONSTRUIT)


@pytest.mark.parametrize(
    "texte",
    ['f"SELECT * FROM t WHERE c = {c}"', '"DELETE FROM t WHERE c = %s" % c', '"DROP TABLE " + t',
     '"INSERT INTO t VALUES ({})".format(v)', 'f"""\n    WITH a AS ({b}) SELECT 1"""'],
)  # fmt: skip
def test_sql_put_together_in_python_is_seen(texte: str) -> None:
    assert find_sql_construit(f"requete = {texte}")
    assert not find_sql_construit('requete = "SELECT 1"\nphrase = f"Il manque {n} lots."')


def test_nothing_kept_by_git_names_a_path_of_one_machine() -> None:
    fichiers = list_fichiers()
    assert len(fichiers) > 100
    assert find_dans_les_fichiers(CHEMIN_DE_MACHINE, fichiers) == []


def test_nothing_kept_by_git_names_a_package_registry() -> None:
    assert find_dans_les_fichiers(REGISTRE, list_fichiers()) == []


@pytest.mark.parametrize(
    ("motif", "texte"),
    [
        (CHEMIN_DE_MACHINE, "cd /home/marie/projet"), (CHEMIN_DE_MACHINE, r"C:\Users\marie"),
        (CHEMIN_DE_MACHINE, '"/work/main"'), (REGISTRE, "--index-url https://miroir.example.org/"),
        (REGISTRE, "https://pypi.example.org/simple"), (REGISTRE, "https://nom:secret@depot.example.org"),
    ],
)  # fmt: skip
def test_a_path_or_a_registry_would_be_seen(motif: re.Pattern[str], texte: str) -> None:
    assert motif.search(texte)
    assert not motif.search(
        "include/work/lot.py https://docs.example.org --no-emit-index-url --no-emit-find-links"
    )


def test_what_a_run_makes_is_ignored_by_git() -> None:
    produits = {".venv", ".airflow", ".donnees", "__pycache__"}
    assert [f for f in list_fichiers() if produits & set(f.relative_to(PROJET).parts)] == []
