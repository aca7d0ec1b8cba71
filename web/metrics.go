package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts answers by route, never by path, which has ids in it. It answers
// Prometheus on an address of its own: on the console's, a program on this machine cannot
// be told from a proxy that forwards for strangers.
type Metrics struct {
	http.Handler
	answers *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

// NewMetrics returns new counts, all at zero. What others collect is served beside them.
func NewMetrics(others ...prometheus.Collector) *Metrics {
	m := &Metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "perennial_http_requests_total", Help: "Answers by method, route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "perennial_http_request_seconds", Help: "Time to answer by route.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.answers, m.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(others...)
	m.Handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
	return m
}

// count notes one answer. Methods that no route has are counted as one, because a
// client can make up any number of them.
func (m *Metrics) count(method, route string, status int, took time.Duration) {
	if method != http.MethodGet && method != http.MethodPost && method != http.MethodHead {
		method = "other"
	}
	if route == "" {
		route = "none"
	}
	m.answers.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}
