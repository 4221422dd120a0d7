-- purpose: a source that knows nothing after its day: what is dated later is not there yet
-- grain: one row, of how many rows each table lost
-- inputs: the tables of the source
-- parameters: :jour (the day of the source)

WITH indecises AS (
    UPDATE demande SET
        etat = 'en_instruction',
        date_decision = NULL
    WHERE date_decision > :jour
    RETURNING id_demande
),

droits AS (
    DELETE FROM droit
    WHERE date_ouverture > :jour OR id_demande IN (SELECT i.id_demande FROM indecises AS i)
    RETURNING id_droit
),

recalculs AS (
    DELETE FROM recalcul
    WHERE date_recalcul > :jour OR id_droit IN (SELECT d.id_droit FROM droits AS d)
    RETURNING 1 AS n
),

contacts AS (
    DELETE FROM contact
    WHERE date_contact > :jour
    RETURNING 1 AS n
),

rendez_vous_pris AS (
    DELETE FROM rendez_vous
    WHERE date_rendez_vous > :jour
    RETURNING 1 AS n
),

accompagnements AS (
    DELETE FROM accompagnement
    WHERE date_realisation > :jour
    RETURNING 1 AS n
)

SELECT
    (SELECT count(*) FROM droits) AS droit,
    (SELECT count(*) FROM recalculs) AS recalcul,
    (SELECT count(*) FROM contacts) AS contact,
    (SELECT count(*) FROM rendez_vous_pris) AS rendez_vous,
    (SELECT count(*) FROM accompagnements) AS accompagnement
