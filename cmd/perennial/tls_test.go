package main_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"perennial/internal/testkit"
)

func TestServeSpeaksTLSToAProxy(t *testing.T) {
	certificate, key := testkit.KeyPair(t)
	pem, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(pem)
	s := newPlace(t).serving("--public-url=https://127.0.0.1", "--tls-cert="+certificate, "--tls-key="+key)
	ask := func(scheme string, max uint16) (int, error) {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: known, MinVersion: tls.VersionTLS10, MaxVersion: max}}
		defer transport.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, scheme+"://"+s.address+"/sign-in", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if status, err := ask("https", version); err != nil || status != http.StatusOK {
			t.Errorf("%s: %d, %v", tls.VersionName(version), status, err)
		}
	}
	if status, err := ask("https", tls.VersionTLS11); err == nil {
		t.Errorf("TLS 1.1 is spoken: %d", status)
	}
	if status, err := ask("http", 0); err == nil && status != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered: %d", status)
	}
	s.mustStop()
}

func TestServeWarnsOfPasswordsInTheClear(t *testing.T) {
	for listen, warned := range map[string]bool{"0.0.0.0:0": true, "127.0.0.1:0": false} {
		s := newPlace(t).serving("--public-url=https://renewals.acme.example", "--listen="+listen)
		s.until(regexp.MustCompile(`"msg":"serving"`))
		if strings.Contains(s.said, "in the clear") != warned {
			t.Errorf("on %s:\n%s", listen, s.said)
		}
		s.mustStop()
	}
}
