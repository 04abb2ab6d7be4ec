# One image for every kind of process: `docker run IMAGE web`, `worker`, `clock`, `migrate`, `doctor` …
# Built from the same locks, with hashes, as `make setup`.

FROM python:3.11.14-bookworm AS build
WORKDIR /src
COPY . .
# The tree's own set-up: it also fetches and places the front-end files, which the wheel then carries.
RUN python3 -m config.setup && .venv/bin/hatchling build --target wheel --directory /wheel
RUN python3 -m venv /opt/backrow \
    && /opt/backrow/bin/pip install --no-cache-dir --require-hashes -r locks/run.txt \
    && /opt/backrow/bin/pip install --no-cache-dir --no-index --no-deps /wheel/*.whl

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/backrow backrow \
    && install -d -o backrow -g backrow -m 700 /var/lib/backrow
COPY --from=build /opt/backrow /opt/backrow
ENV PATH=/opt/backrow/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BACKROW_DATA=/var/lib/backrow
USER backrow
WORKDIR /var/lib/backrow
VOLUME /var/lib/backrow
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["backrow"]
CMD ["--help"]
