"""Changing: one public function per verb, actor first, audited, never committing (the edge does).

Call them through their module: `visits.record(actor, data)`.
"""
