package rpc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/rpc"
	"github.com/hawos/hawos/runtime/session"
)

// authority signs certificates for 127.0.0.1.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, pool: x509.NewCertPool()}
	a.cert, a.key = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) sign(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(1), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return signed, key
}

func (a *authority) certificate() tls.Certificate {
	c, key := a.sign(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

func TestACertificateIsTrustedLikeTheToken(t *testing.T) {
	a := newAuthority(t)
	var uid string
	address := serve(t, rpc.ServerOptions{Token: "secret", TLS: &tls.Config{Certificates: []tls.Certificate{a.certificate()},
		ClientCAs: a.pool, ClientAuth: tls.VerifyClientCertIfGiven}}, func(ctx context.Context, _ *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
		uid = session.UID(ctx)
		return &hawospb.OnlineReply{}, nil
	})
	ctx := session.NewContext(t.Context(), &session.Call{Session: session.Session{UID: "ann"}})
	call := func(certificates ...tls.Certificate) error {
		d := dialer(t, rpc.DialerOptions{TLS: &tls.Config{RootCAs: a.pool, Certificates: certificates}})
		_, err := client(t, d, "direct:///"+address).Online(ctx, &hawospb.OnlineRequest{})
		return err
	}
	if err := call(a.certificate()); err != nil || uid != "ann" {
		t.Errorf("with certificate: got %v, uid %q, want ann", err, uid)
	}
	if err := call(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("without: got %v, want UNAUTHENTICATED", err)
	}
	stranger := newAuthority(t)
	if err := call(stranger.certificate()); status.Code(err) == codes.OK {
		t.Error("another authority's certificate was accepted")
	}
}
