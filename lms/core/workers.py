"""Who runs the jobs: Celery workers that are nudged, and the operator by hand (``flask jobs``)."""

from pathlib import Path
from typing import Any

import click
from celery import Celery
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from lms.core import folder_queue, jobs, settings
from lms.core.db import db, reading, transaction
from lms.core.jobs import Job

SWEEP_SECONDS = 5
DAILY_SECONDS = 600
"""How often the scheduler looks whether daily work is due; a scheduler that is started anew begins to count anew."""

_REDIS = {"visibility_timeout": 3600, "max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 3}
_AMQP = {"max_retries": 0, "connect_timeout": 2, "write_timeout": 3}
_NO_LONG_WAITS: dict[str, dict[str, int]] = {"amqp": _AMQP, "amqps": _AMQP}

cli = AppGroup("jobs", help="Work that waits, runs, or needs a person.")


def init_app(app: Flask) -> None:
    """Give the application its Celery and its ``flask jobs`` commands."""
    app.extensions["celery"] = _celery_for(app)
    app.cli.add_command(cli)


def _celery_for(app: Flask) -> Celery:
    celery = Celery("bilim", set_as_current=False)
    configured: settings.Settings = app.extensions["bilim.settings"]
    celery.conf.update(_broker(configured.broker_url, configured.instance))
    celery.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=8,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        # A killed `worker -B` leaves its scheduler behind; sweeps that wait too long are dropped.
        beat_schedule={
            "sweep": {"task": "bilim.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS * 2}},
            "daily": {"task": "bilim.daily", "schedule": DAILY_SECONDS, "options": {"expires": DAILY_SECONDS * 2}},
        },
        beat_max_loop_interval=1,  # it sleeps as long before it notices that it shall stop
        beat_schedule_filename=str(configured.instance / "schedule"),
    )

    # Not shared: Celery would keep these for every further application of the process, and run the first one's.
    @celery.task(name="bilim.run", shared=False)
    def _run(job_id: str) -> None:
        with app.app_context():
            jobs.run(job_id)

    @celery.task(name="bilim.sweep", shared=False)
    def _sweep() -> None:
        with app.app_context():
            jobs.sweep()

    @celery.task(name="bilim.daily", shared=False)
    def _daily() -> None:
        with app.app_context():
            jobs.queue_daily()

    return celery


def _broker(url: str, instance: Path) -> dict[str, Any]:
    """Celery's broker; by default folders under the instance, so that no server is needed.

    A broker that is away is asked once, and one that hangs is not waited for: people wait for the nudge, and the sweep
    repeats it. Consumers ask each second (kombu's ``brpop_timeout``), so they never wait longer either.
    """
    if url:
        return {"broker_url": url, "broker_transport_options": _NO_LONG_WAITS.get(url.partition(":")[0], _REDIS)}
    queue_folder, control_folder = instance / "queue", instance / "queue-control"
    queue_folder.mkdir(parents=True, exist_ok=True)
    control_folder.mkdir(exist_ok=True)
    options = {
        "polling_interval": 0.2,  # kombu's default of 1.0 means about one job a second
        "data_folder_in": str(queue_folder),
        "data_folder_out": str(queue_folder),
        "control_folder": str(control_folder),
    }
    return {"broker_url": f"{folder_queue.SCHEME}://", "broker_transport_options": options}


@cli.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what is done.")
def _list(everything: bool) -> None:
    """Print what waits, runs or needs a person, one line each."""
    with reading():
        wanted = select(Job).order_by(Job.changed_at)
        for job in db.session.scalars(wanted if everything else wanted.where(Job.served < Job.wanted)):
            state = jobs.state(job)
            click.echo(f"{job.id} {job.kind} {job.subject} {state.status} {state.attempts} {state.last_error or '-'}")


@cli.command("retry")
@click.argument("job_id", required=False)
@click.option("--kind", help="All of this kind that need a person, when the cause is gone.")
@click.option("--error", help="Of these, only those with this last error.")
def _retry(job_id: str | None, kind: str | None, error: str | None) -> None:
    """Do one job again now, or all that wait for a person for the same reason."""
    if (job_id is None) == (kind is None):
        raise click.UsageError("Give the id of one job, or --kind.")
    if job_id is not None:
        _retry_one(job_id)
        click.echo("queued")
        return
    click.echo(f"{_retry_all(kind or '', error)} queued")


def _retry_one(job_id: str) -> None:
    with transaction():
        job = db.session.get(Job, job_id)
        if job is None:
            raise click.ClickException(f"no job has the id {job_id}")
        jobs.queue(job.kind, job.subject)


def _retry_all(kind: str, error: str | None) -> int:
    wanted = select(Job).where(Job.kind == kind, Job.needs_person.is_(True), Job.served < Job.wanted)
    with transaction():
        found = db.session.scalars(wanted.where(Job.last_error == error) if error else wanted).all()
        for job in found:
            jobs.queue(job.kind, job.subject)
    return len(found)


@cli.command("run")
def _run_now() -> None:
    """Run all that is due in this process, without a worker."""
    click.echo(f"{jobs.run_due()} jobs run")
