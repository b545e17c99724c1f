"""Doorbells and the workers that hear them.

``MemoryQueue``, and ``RedisQueue`` over Dramatiq or Celery, ring and run alike: ``tasks``
says what may be rung, ``slots`` who may enter, ``shift`` runs what has entered.
"""
