"""A step tells its own events, however long it waits until it is durable."""

from engine.events import What
from engine.queue_state.news import News


def test_a_step_without_news_stays_so() -> None:
    news = News("g", "q")
    before = news.take()
    news.queue(What.PAUSED, 1.0)
    told = news.take()
    after = news.take()
    news.queue(What.RESUMED, 2.0)
    assert (before, after) == ([], [])
    assert [event.what for event in told] == [What.PAUSED]
