from celery import shared_task

from kpis.judging import judge_outdated as judge_them


@shared_task(name="kpis.tasks.judge_outdated", expires=600)
def judge_outdated() -> None:
    judge_them()
