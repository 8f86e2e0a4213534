package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
)

// certify writes a certificate for 127.0.0.1 that is its own authority.
func certify(t *testing.T) config.TLS {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pub := file("cert.pem", "CERTIFICATE", cert)
	return config.TLS{Cert: pub, Key: file("key.pem", "PRIVATE KEY", secret), CA: pub}
}

// shake returns what both ends say of a handshake.
func shake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			defer c.Close()
			err = c.(*tls.Conn).Handshake()
		}
		served <- err
	}()
	c, err := tls.Dial("tcp", l.Addr().String(), client)
	if err == nil {
		defer c.Close()
	}
	return errors.Join(err, <-served)
}

func TestServicesCheckEachOthersCertificates(t *testing.T) {
	ours, theirs := certify(t), certify(t)
	get := func(c *tls.Config, err error) *tls.Config {
		t.Helper()
		if c == nil || err != nil {
			t.Fatalf("got %v, %v, want a config", c, err)
		}
		return c
	}
	server := get(ours.Server())
	if err := shake(t, server, get(ours.Client())); err != nil {
		t.Errorf("ours: %v", err)
	}
	for name, client := range map[string]config.TLS{
		"no certificate":         {CA: ours.CA},
		"a foreign certificate":  {CA: ours.CA, Cert: theirs.Cert, Key: theirs.Key},
		"the system's authority": {Cert: ours.Cert, Key: ours.Key},
	} {
		if err := shake(t, server, get(client.Client())); err == nil {
			t.Errorf("%s: the handshake went through", name)
		}
	}
}

func TestTLSFilesThatAreNone(t *testing.T) {
	good := certify(t)
	if c, err := (config.TLS{}).Client(); c != nil || err != nil {
		t.Errorf("no TLS: got %v, %v", c, err)
	}
	if c, err := (config.TLS{}).Server(); c != nil || err != nil {
		t.Errorf("no TLS: got %v, %v", c, err)
	}
	for name, bad := range map[string]config.TLS{
		"missing cert": {Cert: "/nowhere", Key: good.Key}, "cert without key": {Cert: good.Cert},
		"missing ca": {CA: "/nowhere"}, "ca that is a key": {CA: good.Key},
	} {
		if _, err := bad.Client(); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if _, err := (config.TLS{CA: good.CA}).Server(); err == nil {
		t.Error("a server without a certificate: got no error")
	}
}
