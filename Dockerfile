# Footnote with the bundled embedding model, for a processor. Built once with a network, it needs none afterwards:
#   docker build --tag footnote:local .
# For an NVIDIA GPU: --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130
FROM python:3.13.9-slim-trixie AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /footnote
COPY requirements.txt constraints.txt ./
# The tests' own packages stay out: pytest is among the requirements as the project's test tool, and is small.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX" \
        "$(grep '^torch==' constraints.txt)" \
    && /opt/venv/bin/pip install --no-cache-dir --requirement requirements.txt --constraint constraints.txt \
    && /opt/venv/bin/pip check

FROM python:3.13.9-slim-trixie
LABEL org.opencontainers.image.title="Footnote" \
    org.opencontainers.image.description="Ask your own documents, and see where every answer stands"
# One account of no rights; its number is fixed, so that the owner of a mounted folder can be set to it.
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin footnote \
    && install --directory --owner footnote --group footnote --mode 700 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /footnote
COPY app.py requirements.txt constraints.txt ./
COPY kb kb
COPY ingest ingest
RUN python -m compileall -q app.py kb ingest
USER 10001
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 \
    FOOTNOTE_HOME=/data \
    FOOTNOTE_SERVER__HOST=0.0.0.0 \
    FOOTNOTE_SERVER__PORT=7860 \
    FOOTNOTE_SERVER__ACCOUNTS=true
VOLUME /data
EXPOSE 7860
STOPSIGNAL SIGTERM
# Whoever is not signed in is answered too, with a page to sign in: anything but a fault is alive.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 7860, timeout=4); c.request('GET', '/'); raise SystemExit(c.getresponse().status >= 500)"]
ENTRYPOINT ["python", "app.py"]
CMD ["serve"]
