-- purpose: keep what a vintage hides of a measure
-- grain: one measure of a vintage
-- inputs: the caller's
-- parameters: :mois, :terme, :millesime, :comptes, :couples, :caf, :regions, :nation

INSERT INTO core.secret_statistique (mois, terme, millesime, comptes, couples, caf, regions, nation)
VALUES (
    :mois, :terme, :millesime, CAST(:comptes AS jsonb), CAST(:couples AS jsonb),
    :caf, :regions, :nation
)
