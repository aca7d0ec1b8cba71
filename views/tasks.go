package views

import (
	"net/url"
	"strconv"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// TasksPage lists the renewal tasks of an account, newest first.
type TasksPage struct {
	Rows     []TasksRow
	Zone     *time.Location
	Currency money.Currency
	Before   int // the number below which this page begins; 0: the newest
	Next     int // below which the next one does; 0: this is the last
}

// TasksRow is one task.
type TasksRow struct {
	renewal.Task
	Words  string // its scope, empty where it has a source
	Source int    // number of the task whose left units it was made of
}

func (p TasksPage) next() string {
	if p.Next == 0 {
		return ""
	}
	return with(TasksPath(), url.Values{"before": {strconv.Itoa(p.Next)}})
}

func (p TasksPage) first() string {
	if p.Before == 0 {
		return ""
	}
	return TasksPath()
}
