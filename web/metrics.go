package web

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"perennial/internal/fault"
)

// metrics counts answers by route, never by path, which has ids in it.
type metrics struct {
	answers *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	handler http.Handler
}

func newMetrics() *metrics {
	m := &metrics{
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
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
	return m
}

// count notes one answer. Methods that no route has are counted as one, because a
// client can make up any number of them.
func (m *metrics) count(method, route string, status int, took time.Duration) {
	if method != http.MethodGet && method != http.MethodPost && method != http.MethodHead {
		method = "other"
	}
	if route == "" {
		route = "none"
	}
	m.answers.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// measures answers Prometheus on this machine. Whoever asks through a proxy, or
// from elsewhere, finds nothing.
func (s *server) measures(c *call) error {
	if !local(c.Request()) {
		return fault.New(fault.NotFound, notFound)
	}
	s.metrics.handler.ServeHTTP(c.Response(), c.Request())
	return nil
}

// local tells whether a request comes from a program on this machine and was not
// forwarded for somebody else.
func local(r *http.Request) bool {
	for _, name := range []string{echo.HeaderXForwardedFor, "Forwarded", echo.HeaderXRealIP, "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
