package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// Server returns what a server that its callers trust by certificate needs, nil
// where no TLS is set. It asks callers for a certificate of the authorities in
// CA, if there is one.
func (t TLS) Server() (*tls.Config, error) {
	c, err := t.load()
	if c == nil || err != nil {
		return nil, err
	}
	if len(c.Certificates) == 0 {
		return nil, errors.New("tls: a server needs cert and key")
	}
	if c.RootCAs != nil {
		c.ClientCAs, c.RootCAs = c.RootCAs, nil
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// Client returns what a client needs, nil where no TLS is set. Without a CA it
// trusts the system's authorities.
func (t TLS) Client() (*tls.Config, error) { return t.load() }

func (t TLS) load() (*tls.Config, error) {
	if !t.Enabled() {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.Cert != "" || t.Key != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if t.CA != "" {
		text, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("tls: %q holds no PEM certificate", t.CA)
		}
	}
	return c, nil
}
