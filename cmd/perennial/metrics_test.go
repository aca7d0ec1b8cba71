package main_test

import (
	"net/http"
	"regexp"
	"testing"
)

func TestMetricsHaveAnAddressOfTheirOwn(t *testing.T) {
	p := newPlace(t)
	s := p.serving("--metrics-listen=127.0.0.1:0")
	counts := s.until(regexp.MustCompile(`"msg":"serving metrics","address":"([^"]+)"`))[1]
	for address, want := range map[string]int{
		"http://" + counts + "/metrics": http.StatusOK, "http://" + counts + "/sign-in": http.StatusNotFound,
		"http://" + s.address + "/metrics": http.StatusNotFound, "http://" + s.address + "/sign-in": http.StatusOK,
	} {
		if got, err := get(t.Context(), address); err != nil || got != want {
			t.Errorf("%s: %d, want %d (%v)", address, got, want, err)
		}
	}
	if _, errOut, code := p.run("", "serve", "--database=other.db", "--public-url=http://localhost:1", "--listen=127.0.0.1:0", "--metrics-listen="+counts); code != 1 {
		t.Errorf("a taken address: exit %d\n%s", code, errOut)
	}
	s.mustStop()
}
