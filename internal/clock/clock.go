// Package clock is where time comes from. Two readings are kept apart: the wall
// clock, which people and deadlines use and which an administrator may move, and
// a monotonic reading, which measures how long this process has waited.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time. Now is the wall clock in UTC, to the millisecond that is
// stored; Monotonic only ever grows and means nothing outside this process.
type Clock interface {
	Now() time.Time
	Monotonic() time.Duration
}

// System is the machine's clock, shifted by an offset that is fixed at the start.
type System struct {
	start  time.Time
	offset time.Duration
}

// NewSystem returns the machine's clock.
func NewSystem() *System { return &System{start: time.Now()} }

// NewSystemAt returns a running clock that shows at now and goes on from there.
func NewSystemAt(now time.Time) *System {
	start := time.Now()
	return &System{start: start, offset: now.Sub(start)}
}

// Now is the wall clock, not the start plus the time run: when the
// administrator corrects the machine's clock, this one follows.
func (s *System) Now() time.Time {
	return time.Now().Round(0).Add(s.offset).UTC().Truncate(time.Millisecond)
}

// Monotonic is the time since this clock was made.
func (s *System) Monotonic() time.Duration { return time.Since(s.start) }

// Manual is a clock that moves only when a test moves it.
type Manual struct {
	mu   sync.Mutex
	wall time.Time
	mono time.Duration
}

// NewManual returns a clock that stands at now.
func NewManual(now time.Time) *Manual { return &Manual{wall: now.UTC()} }

// Now is the instant last set or advanced to.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wall.Truncate(time.Millisecond)
}

// Monotonic is how far Advance has moved the clock.
func (m *Manual) Monotonic() time.Duration { m.mu.Lock(); defer m.mu.Unlock(); return m.mono }

// Advance lets time pass: both readings move.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wall = m.wall.Add(d)
	m.mono += d
}

// Set moves the wall clock alone, as an administrator or a bad time server does.
func (m *Manual) Set(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wall = now.UTC()
}
