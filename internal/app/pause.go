package app

import "time"

const (
	firstPause = time.Second
	mostPause  = time.Minute
)

// pause is how long a failing job is left alone, on the monotonic clock.
type pause struct {
	failures int
	until    time.Duration
}

func (a *App) paused(taskID string) bool {
	now := a.Clock.Monotonic()
	a.mu.Lock()
	defer a.mu.Unlock()
	return now < a.pauses[taskID].until
}

// settlePause lengthens the pause of a job that failed, and ends it for one that
// did not.
func (a *App) settlePause(taskID string, err error) {
	now := a.Clock.Monotonic()
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		delete(a.pauses, taskID)
		return
	}
	p := a.pauses[taskID]
	p.until = now + min(firstPause<<min(p.failures, 10), mostPause)
	p.failures++
	a.pauses[taskID] = p
}
