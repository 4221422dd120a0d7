# The image of every component: the laptop's requirements.txt, no build tool left, nobody is root.
ARG PYTHON=3.12

FROM python:${PYTHON}-slim-trixie AS paquets
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
COPY requirements.txt /opt/aller-vers/
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --compile \
        -r /opt/aller-vers/requirements.txt -c /opt/aller-vers/requirements.txt
COPY pyproject.toml /opt/aller-vers/
COPY include/ /opt/aller-vers/include/
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation -e /opt/aller-vers

FROM python:${PYTHON}-slim-trixie
ARG VERSION=0.1.0
ARG REVISION=inconnue
LABEL org.opencontainers.image.title="aller-vers" \
      org.opencontainers.image.description="L'échange mensuel de l'IT 2025-098 : un lot par Caf, une qualité prouvée" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-17 tini tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 50000 --gid 0 --home-dir /opt/airflow --create-home airflow \
    && install -d -o airflow -g root -m 0750 /opt/airflow/logs /donnees /sauvegardes
COPY --from=paquets /opt/venv /opt/venv
COPY --from=paquets /opt/aller-vers /opt/aller-vers
COPY dags/ /opt/aller-vers/dags/
COPY plugins/ /opt/aller-vers/plugins/
COPY expectations/ /opt/aller-vers/expectations/
COPY config/ /opt/aller-vers/config/
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/aller-vers/config \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/aller-vers/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/aller-vers/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False
USER 50000
WORKDIR /opt/aller-vers
# docker-compose.yml asks each service for its own component; alone, the image answers for its interface.
HEALTHCHECK --interval=30s --timeout=20s --start-period=90s --retries=3 \
    CMD ["python", "-m", "aller_vers.exploitation.sonde", "api-server"]
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]
