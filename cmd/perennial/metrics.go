package main

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/store"
)

const (
	// vitalsWithin is how long a reading of the metrics waits for the database.
	vitalsWithin = 2 * time.Second
	// deadMailsEvery is how often mails that were given up are counted: that reads
	// the whole outbox.
	deadMailsEvery = 5 * time.Minute
)

// metrics is what operators watch besides the answers of HTTP. It reads the database
// when it is read itself, and keeps the last values where that fails.
type metrics struct {
	app   *app.App
	books *books
	limit time.Duration // for the database

	steps    *prometheus.CounterVec
	lastGood *prometheus.GaugeVec
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec

	mu     sync.Mutex
	vitals []store.Vital
	fresh  bool // vitals are of this reading
	dead   int64
	deadAt time.Duration // when they were counted, on the monotonic clock; 0: never
}

func newMetrics() *metrics {
	return &metrics{limit: vitalsWithin,
		steps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "perennial_worker_step_failures_total", Help: "Failed calls of a step of the worker.",
		}, []string{"step"}),
		lastGood: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "perennial_worker_step_last_success_timestamp_seconds", Help: "When a step of the worker last succeeded.",
		}, []string{"step"}),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "perennial_gateway_calls_total", Help: "Calls of the card gateway by call and answer.",
		}, []string{"call", "answer"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "perennial_gateway_call_seconds", Help: "Time that a call of the card gateway took.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20},
		}, []string{"call"}),
	}
}

// stepped notes how a call of a step ended.
func (m *metrics) stepped(step string, err error, _ time.Duration) {
	if failures := m.steps.WithLabelValues(step); err != nil {
		failures.Inc()
		return
	}
	m.lastGood.WithLabelValues(step).Set(float64(m.app.Clock.Now().UnixMilli()) / 1000)
}

// called notes how a call of the gateway ended.
func (m *metrics) called(call, answer string, took time.Duration) {
	m.calls.WithLabelValues(call, answer).Inc()
	m.seconds.WithLabelValues(call).Observe(took.Seconds())
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("perennial_"+name, help, labels, nil)
}

var (
	payments      = desc("payments", "Card payments whose outcome is not settled, by state.", "state")
	paymentAge    = desc("payment_oldest_open_seconds", "Age of the oldest card payment that is not settled; 0 if none.")
	refunds       = desc("refunds_open", "Refunds that the gateway has not answered.")
	refundAge     = desc("refund_oldest_open_seconds", "Age of the oldest refund that the gateway has not answered; 0 if none.")
	settleFailing = desc("settle_failing", "Payments and refunds that the latest attempt did not settle.", "kind")
	settleFailed  = desc("settle_failures_total", "Failed attempts to settle a payment or refund.", "kind")
	tasks         = desc("tasks", "Open tasks by state.", "state")
	taskAge       = desc("task_oldest_progress_seconds", "Time since the running task that waits longest got further; 0 if none runs.")
	suspended     = desc("tasks_suspended", "Suspended tasks by what they wait for.", "pause")
	mails         = desc("mails", "Mails that are not sent: queued, or dead after too many attempts.", "state")
	mailAge       = desc("mail_oldest_queued_seconds", "Age of the oldest queued mail; 0 if none.")
	discrepancies = desc("discrepancies_open", "Differences between the gateway and the records that a person has to settle, by kind.", "kind")
	compared      = desc("gateway_compared_seconds", "Time since the gateway's payments were last compared with the records; absent before the first time.")
	takeovers     = desc("task_takeovers_total", "Tasks that were taken over from another server.")
	refused       = desc("charges_refused_total", "Charges that were refused or left for later, by cause.", "cause")
	accounts      = desc("books_accounts", "Accounts by the state of their records, as far as they were asked about since the start.", "state")
	fileDamaged   = desc("books_file_damaged", "1 if the database is damaged or gone, so that nothing is charged.")
	vitalsFresh   = desc("database_read_ok", "1 if this reading reached the database; 0 if values from it are older.")
	turnsRefused  = desc("database_turns_refused_total", "Transactions that were refused because their turn did not come in time.")
	poolInUse     = desc("database_connections_in_use", "Connections in use.", "pool")
	poolOpen      = desc("database_connections_open", "Open connections.", "pool")
	poolWaits     = desc("database_connection_waits_total", "Waits for a connection.", "pool")
	poolWaited    = desc("database_connection_wait_seconds_total", "Time spent waiting for a connection.", "pool")
	logSize       = desc("database_wal_bytes", "Size of SQLite's log.")
)

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range []prometheus.Collector{m.steps, m.lastGood, m.calls, m.seconds} {
		c.Describe(to)
	}
	for _, d := range []*prometheus.Desc{payments, paymentAge, refunds, refundAge, settleFailing, settleFailed, tasks, taskAge, suspended, mails,
		mailAge, discrepancies, compared, takeovers, refused, accounts, fileDamaged, vitalsFresh, turnsRefused, poolInUse, poolOpen, poolWaits,
		poolWaited, logSize} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range []prometheus.Collector{m.steps, m.lastGood, m.calls, m.seconds} {
		c.Collect(to)
	}
	out := collected{to}
	m.collectVitals(out)
	m.collectProcess(out)
}

// collected sends values.
type collected struct{ to chan<- prometheus.Metric }

func (c collected) gauge(d *prometheus.Desc, value float64, labels ...string) {
	c.to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func (c collected) counter(d *prometheus.Desc, value float64, labels ...string) {
	c.to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
}

// read asks the database. Prometheus may read twice at once; the second waits.
func (m *metrics) read() {
	ctx, cancel := context.WithTimeout(context.Background(), m.limit)
	defer cancel()
	all, err := m.app.Vitals(ctx)
	if m.fresh = err == nil; err != nil {
		m.app.Log.WarnContext(ctx, "the metrics show older values of the database", "err", err)
		return
	}
	m.vitals = all
	if now := m.app.Clock.Monotonic(); m.deadAt == 0 || now-m.deadAt >= deadMailsEvery {
		if n, err := m.app.DeadMails(ctx); err == nil {
			m.dead, m.deadAt = n, max(now, 1)
		}
	}
}

func (m *metrics) collectVitals(out collected) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read()
	now := m.app.Clock.Now()
	counts, oldest := map[string]map[string]int64{}, map[string]float64{}
	for _, v := range m.vitals {
		if counts[v.Kind] == nil {
			counts[v.Kind] = map[string]int64{}
		}
		counts[v.Kind][v.State] += v.Count
		if !v.Since.IsZero() {
			oldest[v.Kind] = max(oldest[v.Kind], now.Sub(v.Since).Seconds())
		}
	}
	// A state that nothing is in is 0 and not absent, so that a rule sees it end.
	each := func(d *prometheus.Desc, kind string, states ...string) {
		for _, state := range states {
			out.gauge(d, float64(counts[kind][state]), state)
		}
	}
	each(payments, "payment", "created", "prepared", "unknown")
	each(tasks, "task", "generating", "ready", "running", "suspended", "cancelling")
	each(suspended, "pause", "short", "declined", "unknown", "settled", "consent")
	each(discrepancies, "discrepancy", "missing", "differs", "refunded", "unknown_there")
	out.gauge(refunds, float64(counts["refund"]["created"]))
	out.gauge(mails, float64(counts["mail"]["queued"]), "queued")
	out.gauge(mails, float64(m.dead), "dead")
	out.gauge(paymentAge, oldest["payment"])
	out.gauge(refundAge, oldest["refund"])
	out.gauge(taskAge, oldest["progress"])
	out.gauge(mailAge, oldest["mail"])
	if since, ok := oldest["compared"]; ok {
		out.gauge(compared, since)
	}
	out.gauge(vitalsFresh, truth(m.fresh))
}

func (m *metrics) collectProcess(out collected) {
	w := m.app.Watched()
	out.counter(takeovers, float64(w.Takeovers))
	for _, cause := range app.Refusals {
		out.counter(refused, float64(w.Refused[cause]), cause)
	}
	for _, kind := range []string{"payment", "refund"} {
		out.counter(settleFailed, float64(w.Failures[kind]), kind)
		out.gauge(settleFailing, float64(w.Failing[kind]), kind)
	}
	s := m.books.status()
	out.gauge(accounts, float64(s.Sound), "sound")
	out.gauge(accounts, float64(s.Checking), "unchecked")
	out.gauge(accounts, float64(s.Broken), "unsound")
	out.gauge(fileDamaged, truth(s.File == account.BooksDamaged))
	db := m.app.Store
	out.counter(turnsRefused, float64(db.TurnsRefused()))
	for _, p := range db.Pools() {
		out.gauge(poolInUse, float64(p.InUse), p.Name)
		out.gauge(poolOpen, float64(p.Open), p.Name)
		out.counter(poolWaits, float64(p.Waits), p.Name)
		out.counter(poolWaited, p.Waited.Seconds(), p.Name)
	}
	if size, ok := db.LogSize(); ok {
		out.gauge(logSize, float64(size))
	}
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
