package main_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"perennial/internal/testkit"
)

// A backup that is killed leaves nothing under the name it was given: what stands
// there is always whole, and the name can be used again.
func TestBackup_KilledLeavesNothingUnderItsName(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(3_000, 24*time.Hour)
	p := newPlace(t)
	name := filepath.Join(p.dir, "backup.db")
	killed := 0
	for round := range 4 {
		cmd := p.command("backup", name, "--database="+w.Location)
		w.Must(cmd.Start())
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }() // how it ended is seen in the folder
		for grown := int64(0); grown <= int64(round)*512<<10; {
			over := false
			select {
			case <-ended:
				over = true
			default:
			}
			partial, err := filepath.Glob(name + ".*.partial")
			if w.Must(err); len(partial) > 0 {
				if info, err := os.Stat(partial[0]); err == nil {
					grown = max(1, info.Size())
				}
			}
			if over {
				break
			}
		}
		_ = cmd.Process.Kill() // it may have ended
		<-ended
		if _, err := os.Stat(name); err == nil {
			p.must("", "doctor", "--database="+name)
		} else {
			killed++
		}
		left, err := filepath.Glob(name + "*")
		w.Must(err)
		for _, file := range left {
			w.Must(os.Remove(file))
		}
	}
	if killed == 0 {
		t.Error("no backup was killed before it was whole")
	}
	p.must("", "backup", name, "--database="+w.Location)
	if left, err := filepath.Glob(name + "*"); err != nil || len(left) != 1 {
		t.Errorf("beside the backup stands %v, %v", left, err)
	}
	p.must("", "doctor", "--database="+name)
}
