package clock_test

import (
	"testing"
	"time"

	"perennial/internal/clock"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func stored(t *testing.T, now time.Time) {
	t.Helper()
	if now.Location() != time.UTC || !now.Equal(now.Truncate(time.Millisecond)) {
		t.Errorf("%v is not what the database would give back", now)
	}
}

func TestManualAdvanceMovesBothReadings(t *testing.T) {
	c := clock.NewManual(noon)
	c.Advance(90 * time.Minute)
	if !c.Now().Equal(noon.Add(90*time.Minute)) || c.Monotonic() != 90*time.Minute {
		t.Errorf("now %v, monotonic %v", c.Now(), c.Monotonic())
	}
}

func TestManualSetMovesTheWallClockAlone(t *testing.T) {
	c := clock.NewManual(noon)
	c.Advance(time.Second)
	c.Set(noon.Add(-24 * time.Hour))
	if !c.Now().Equal(noon.Add(-24*time.Hour)) || c.Monotonic() != time.Second {
		t.Errorf("now %v, monotonic %v", c.Now(), c.Monotonic())
	}
}

func TestManualShowsWhatIsStored(t *testing.T) {
	east := time.FixedZone("", 8*3600)
	c := clock.NewManual(noon.Add(1500 * time.Microsecond).In(east))
	stored(t, c.Now())
	c.Set(noon.Add(700 * time.Microsecond).In(east))
	stored(t, c.Now())
	c.Advance(300 * time.Microsecond)
	stored(t, c.Now())
	if want := noon.Add(time.Millisecond); !c.Now().Equal(want) {
		t.Errorf("two parts of a millisecond do not add up: %v, want %v", c.Now(), want)
	}
}

func TestSystemFollowsTheMachine(t *testing.T) {
	before := time.Now().Truncate(time.Millisecond)
	now := clock.NewSystem().Now()
	stored(t, now)
	if now.Before(before) || now.After(time.Now()) {
		t.Errorf("now %v lies outside of the call", now)
	}
}

func TestSystemAtRunsOnFromThere(t *testing.T) {
	c := clock.NewSystemAt(noon)
	first, started := c.Now(), c.Monotonic()
	stored(t, first)
	if first.Before(noon.Add(-time.Millisecond)) || first.After(noon.Add(time.Minute)) {
		t.Errorf("started at %v, want %v", first, noon)
	}
	if again := c.Monotonic(); again < started || started < 0 {
		t.Errorf("monotonic went from %v to %v", started, again)
	}
}
