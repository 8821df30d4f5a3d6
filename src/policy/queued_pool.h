// What every pool with a wait queue has to decide, declared once for all of them.
#pragma once

#include "poolgauge/pool_policy.h"

/// The declarations of these eight members of PoolPolicy within a class. A macro, because a base
/// class could only declare them again.
#define POOLGAUGE_QUEUED_POOL                                                              \
  void on_acquire(TimePoint now, WaiterId waiter, ClientId client, Actions& act) override; \
  void on_give_up(TimePoint now, WaiterId waiter, Actions& act) override;                  \
  void on_release(TimePoint now, ConnId conn, Condition condition, Actions& act) override; \
  void on_opened(TimePoint now, ConnId conn, Actions& act) override;                       \
  void on_open_failed(TimePoint now, ConnId conn, Actions& act) override;                  \
  PoolCounts counts() const override;                                                      \
  std::vector<PoolStatistic> statistics() const override;                                  \
  std::string refusal_text(Refusal why) const override
