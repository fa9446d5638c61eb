"""Entry points for the worker: each looks what is due and not yet done."""

from celery import shared_task

from kpis.due import ask_for_values
from kpis.judging import judge_outdated as judge_them
from kpis.portal_figures import take_figures
from kpis.reporting import send_due


@shared_task(name="kpis.tasks.ask_for_values", expires=3600)
def ask_for_due_values() -> None:
    ask_for_values()


@shared_task(name="kpis.tasks.judge_outdated", expires=600)
def judge_outdated() -> None:
    judge_them()


@shared_task(name="kpis.tasks.take_portal_figures", expires=3600)
def take_portal_figures() -> None:
    take_figures()


@shared_task(name="kpis.tasks.send_due_reports", expires=600)
def send_due_reports() -> None:
    send_due()
