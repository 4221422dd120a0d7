"""A warehouse with three months to look at: verdicts, lots, transmissions, measures; no person."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import psycopg
from sqlalchemy import Connection, text

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.socle.mois import Mois
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.evenements import record_evenement

MOIS = ("2025-06", "2025-07", "2025-08")
RETENUE, TENUE, TRANSMISE, VIDE = "591", "621", "831", "481"  # nobody ever decides on TENUE
RETOURS = {
    "cibles": 14, "offres_envoyees": 12, "contactables": 13, "personnes_appelees": 11, "personnes_jointes": 9,
    "acceptations": 6, "rdv_pris": 4, "rdv_honores": 3,
}  # fmt: skip
REFUS = (
    "Rien n'en a été pris :\n- cellule D2 : la colonne date_arrete est vide\n- ligne 3 : une autre ligne a la "
    "même clé\nÀ faire : corriger ces cellules dans le fichier, puis le déposer de nouveau en entier dans retours/."
)
PROVISOIRE = "taux_droits_ouverts_ajpa"  # the last month can still move
CERTIFICAT = 313  # number of the event that certifies the destruction of the first month's lot of TRANSMISE


def fill(entrepot: Connection) -> None:
    """Fill a migrated warehouse, as its owner, in the caller's transaction."""
    caf = [ligne.code_caf for ligne in entrepot.execute(text("SELECT code_caf FROM marts.caf ORDER BY 1"))]
    for rang, mois in enumerate(MOIS):
        entrepot.execute(
            text(
                "INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles) "
                "VALUES (:m, :r, true, 1600, 1400)"
            ),
            {"m": mois, "r": f"run-{mois}"},
        )
        _judge(entrepot, mois, caf, retenue=mois == MOIS[-1])
        _profile(entrepot, mois, caf, 16 + rang)
        for code in caf:
            _measure(entrepot, mois, code, "demandeurs", "tous", 16 + rang)
            _measure(entrepot, mois, code, "contacts_utilisables", "tous", 14 + rang)
            tenue = mois == MOIS[-1] and code in (RETENUE, TENUE)
            _measure(entrepot, mois, code, "lots", "retenus" if tenue else "deposes", 1)
            _measure(entrepot, mois, code, "transmissions", "transmises", int(code == TRANSMISE))
            if tenue:
                record_evenement(
                    entrepot, mois=mois, code_caf=code, version=1, etat="retenu", acteur="depots_caf",
                    motif="qualité : identite_dupliquee", preuve={"execution": f"run-{mois}"},
                )  # fmt: skip
                continue
            record_evenement(
                entrepot, mois=mois, code_caf=code, version=1, etat="depose", acteur="depots_caf",
                motif="premier dépôt",
                preuve={"lignes": 0 if code == VIDE else 14 + rang, "identite": sha256(f"{code}{mois}".encode()).hexdigest()},
            )  # fmt: skip
        record_evenement(
            entrepot, mois=mois, code_caf=TRANSMISE, version=1, etat="transmis", acteur="referent",
            code_cpam="831",
            preuve={"date_transmission": f"{mois}-28", "portail": "bluefiles", "lignes": 14 + rang},
        )  # fmt: skip
    _go_on(entrepot)
    _compute(entrepot)
    _publish(entrepot)
    queue_avis(
        entrepot, cle="depot/2025-08/831/v1", destinataire="caf:831", objet="Lot 2025-08 déposé", corps="…"
    )


def _go_on(entrepot: Connection) -> None:
    """The first month went to its end for one Caf, and not for another; the second had a correction."""
    premier = {"mois": MOIS[0], "version": 1, "acteur": "retours_cpam"}
    record_evenement(
        entrepot, **premier, code_caf="331", code_cpam="331", etat="transmis",
        preuve={"date_transmission": "2025-08-05", "portail": "peps", "lignes": 12},
    )  # fmt: skip
    record_evenement(
        entrepot, **premier, code_caf="331", code_cpam="331", etat="traite",
        preuve={"date_fin_traitement": "2025-08-20"},
    )  # fmt: skip
    record_evenement(
        entrepot, **premier, code_caf=TRANSMISE, code_cpam="831", etat="traite",
        preuve={"date_fin_traitement": "2025-08-22"},
    )  # fmt: skip
    record_evenement(
        entrepot, **premier, code_caf=TRANSMISE, code_cpam="831", etat="detruit",
        preuve={"date_destruction": "2025-09-10"},
    )  # fmt: skip
    record_evenement(
        entrepot, mois=MOIS[1], code_caf=TRANSMISE, version=1, etat="remplace", acteur="depots_caf",
        motif="version 2",
    )  # fmt: skip
    record_evenement(
        entrepot, mois=MOIS[1], code_caf=TRANSMISE, version=2, etat="depose", acteur="depots_caf",
        motif="correction à la source",
        preuve={"lignes": 14, "identite": sha256(b"correction").hexdigest()},
    )  # fmt: skip
    record_evenement(
        entrepot, mois=MOIS[0], code_caf=TRANSMISE, version=1, etat="expire", acteur="purge",
        motif="lot traité par toutes ses Cpam",
        preuve={
            "execution": "purge-2025-10-01", "entreprise_le": "2025-10-01T05:00:00+00:00", "reste": 0,
            "lignes_detruites": {"core.demandeur": 14, "staging.demandeur": 16, "staging.demandeur_brut": 16},
            "identites": {"1": sha256(b"831").hexdigest()},
        },
    )  # fmt: skip
    numero = entrepot.execute(text("SELECT max(id) FROM suivi.evenement")).scalar_one()
    assert numero == CERTIFICAT, numero
    entrepot.execute(
        text(
            "INSERT INTO suivi.manifeste (mois, code_caf, version, empreinte, contenu) VALUES (:m, :c, 1, 'e', "
            """'{"fichiers": [{"nom": "LISEZMOI.txt"}, {"nom": "PA_831.xlsx", "destinataire": "831", "lignes": 16}]}')"""
        ),
        {"m": MOIS[2], "c": TRANSMISE},
    )
    entrepot.execute(
        text(
            "INSERT INTO suivi.fichier_recu (cle, code_caf, nom, issue, detail, recu_le, sujets) "
            "VALUES ('r', :c, 'retour.csv', 'refuse', :d, '2025-09-02', '{%}')"
        ),
        {"c": RETENUE, "d": REFUS},
    )
    for modalite, valeur in RETOURS.items():
        entrepot.execute(
            text(
                "INSERT INTO marts.mesure (mois, code_caf, code_cpam, mesure, modalite, valeur) "
                "VALUES (:m, :c, '831', 'retour_mensuel', :k, :v)"
            ),
            {"m": MOIS[0], "c": TRANSMISE, "k": modalite, "v": valeur},
        )


def _judge(entrepot: Connection, mois: str, caf: list[str], *, retenue: bool) -> None:
    for gate in ("requete", "depots"):
        lignes = [(None, "ensemble", "critical", "conforme", None)]
        for code in caf:
            tenue = retenue and gate == "requete" and code in (RETENUE, TENUE)
            lignes.append((code, "ensemble", "critical", "retenu" if tenue else "conforme", None))
            if tenue:
                lignes.append((code, "identite_dupliquee", "critical", "retenu", 2))
        entrepot.execute(
            text(
                "INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id, rendu_le) "
                "VALUES (:m, :g, :c, :r, :s, :v, :n, :run, :le)"
            ),
            [
                {"m": mois, "g": gate, "c": c, "r": r, "s": s, "v": v, "n": n, "run": f"run-{mois}",
                 "le": datetime(2025, int(mois[5:]) + 1, 1, 6, tzinfo=UTC)}
                for c, r, s, v, n in lignes
            ],
        )  # fmt: skip


def _profile(entrepot: Connection, mois: str, caf: list[str], lignes: int) -> None:
    entrepot.execute(
        text(
            "INSERT INTO dq.profil_requete (mois, run_id, code_caf, connue, lignes, comptes) "
            "VALUES (:m, :r, :c, true, :n, jsonb_build_object('identite_dupliquee', CAST(:d AS integer)))"
        ),
        [
            {"m": mois, "r": f"run-{mois}", "c": c, "n": lignes,
             "d": 2 if mois == MOIS[-1] and c in (RETENUE, TENUE) else 0}
            for c in caf
        ],
    )  # fmt: skip


def _measure(entrepot: Connection, mois: str, code_caf: str, mesure: str, modalite: str, valeur: int) -> None:
    entrepot.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur) VALUES (:m, :c, :n, :k, :v)"
        ),
        {"m": mois, "c": code_caf, "n": mesure, "k": modalite, "v": valeur},
    )


def _compute(entrepot: Connection) -> None:
    """Every indicator of the dictionary, everywhere, and the nation's past year; made up, and always the same."""
    valeurs = [
        {"code": i.code, "version": i.version, "graine": sum(map(ord, i.code)), "part": i.unite == "part"}
        for i in load_dictionnaire()
    ]
    passes = [str(Mois.parse(MOIS[0]).shift(-n)) for n in range(9, 0, -1)]
    entrepot.execute(
        text(
            "INSERT INTO marts.indicateur (code, version, mois, niveau, territoire, numerateur, denominateur, valeur, "
            "cible, atteinte, statut, definitif_le) SELECT :code, :version, m.mois, t.niveau, t.territoire, v.n, 100, CASE WHEN t.rang "
            "% 9 <> 4 THEN CASE WHEN :part THEN v.n / 100.0 ELSE v.n END END, CASE WHEN :part THEN 0.5 END, CASE WHEN "
            ":part AND t.rang % 9 <> 4 THEN CASE WHEN v.n >= 50 THEN 'atteinte' WHEN v.n >= 45 THEN 'quasi_atteinte' ELSE 'non_atteinte' END END, CASE t.rang "
            "% 9 WHEN 4 THEN 'non_fourni' ELSE 'definitif' END, DATE '2025-08-01' FROM (SELECT mois, row_number() OVER (ORDER BY mois) AS rang "
            "FROM unnest(CAST(:passes AS text[]) || CAST(:mois AS text[])) AS mois) AS m CROSS JOIN (SELECT 'national' AS "
            "niveau, 'FR' AS territoire, 0 AS rang UNION ALL SELECT 'region', code_region, row_number() OVER (ORDER BY "
            "code_region) FROM marts.region UNION ALL SELECT 'caf', code_caf, row_number() OVER (ORDER BY code_caf) "
            "FROM marts.caf) AS t CROSS JOIN LATERAL (SELECT 30 + (:graine + t.rang * 31 + CASE WHEN t.rang = 0 THEN "
            "m.rang + m.rang * m.rang % 3 ELSE m.rang END) % 45 AS n) AS v WHERE t.rang = 0 OR m.mois = ANY "
            "(CAST(:mois AS text[]))"
        ),
        [{**v, "passes": passes, "mois": list(MOIS)} for v in valeurs],
    )
    entrepot.execute(
        text(
            "UPDATE marts.indicateur SET statut = 'provisoire', definitif_le = DATE '2026-01-02', atteinte = NULL "
            "WHERE code = :code AND mois = :mois AND statut = 'definitif'"
        ),
        {"code": PROVISOIRE, "mois": MOIS[-1]},
    )
    entrepot.execute(
        text(
            "INSERT INTO marts.terme (mois, code, version, code_caf, numerateur, denominateur, definitif) SELECT mois, "
            "code, version, territoire, numerateur, denominateur, true FROM marts.indicateur WHERE niveau = 'caf' "
            "AND statut = 'definitif'"
        )
    )
    entrepot.execute(
        text("INSERT INTO marts.calcul (mois, calcule_le) SELECT DISTINCT mois, now() FROM marts.indicateur")
    )
    entrepot.execute(
        text(
            "INSERT INTO marts.homogeneite (code, version, mois, valeur_nationale, mini, d1, mediane, d9, maxi, "
            "nb_attendues, nb_fournies, nb_atteint, part_atteint, atteinte_nationale, atteinte_homogeneite) SELECT code, version, mois, "
            "valeur, 0.1, 0.3, 0.5, 0.7, 0.9, 54, 54, CASE WHEN cible > 0 THEN 27 END, CASE WHEN cible > 0 THEN 0.5 END, "
            "CASE WHEN cible > 0 THEN 'atteinte' END, CASE WHEN cible > 0 THEN 'non_atteinte' END FROM marts.indicateur "
            "WHERE niveau = 'national'"
        )
    )


def _publish(entrepot: Connection) -> None:
    """The nation's last month, rounded; of the nation's applicants, a small count."""
    entrepot.execute(
        text(
            "INSERT INTO diffusion.indicateur (code, version, mois, periode, niveau, territoire, portee, numerateur, "
            "denominateur, valeur, cible, atteinte, statut) SELECT i.code, i.version, i.mois, 'mois', i.niveau, "
            "i.territoire, 'public', 5 * round(i.numerateur / 5), 5 * round(i.denominateur / 5), "
            "CASE WHEN i.code <> 'demandeurs' THEN round(i.valeur, 2) END, i.cible, i.atteinte, "
            "CASE WHEN i.code = 'demandeurs' THEN 'petit' ELSE 'publie' END "
            "FROM marts.indicateur AS i WHERE i.mois = :m AND i.niveau = 'national' AND i.valeur IS NOT NULL"
        ),
        {"m": MOIS[-1]},
    )


def alter_ledger(dsn: str) -> int:
    """Change one event by hand, as the owner of the warehouse can; return its number."""
    with psycopg.connect(dsn, autocommit=True) as connexion:
        connexion.execute("SET session_replication_role = replica")  # whatever guards the table
        ligne = connexion.execute(
            "UPDATE suivi.evenement SET acteur = 'quelqu''un' WHERE id = (SELECT min(id) FROM suivi.evenement) "
            "RETURNING id"
        ).fetchone()
    assert ligne
    return int(ligne[0])
