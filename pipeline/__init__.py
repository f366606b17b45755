"""A question in, a cited literature survey and its scores out. Knows nothing of Slack."""

import os

# Has to be said before numpy is imported. Our matrices are small: a second thread saves little, and
# waits busily after each product, on a core that another run needs (tests/test_tour.py).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 - no setting of ours
