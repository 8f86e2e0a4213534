package jwt_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/jwt"
)

const secret = "0123456789abcdef0123456789abcdef"

func keys(t testing.TB, c config.JWT) *jwt.Keys {
	t.Helper()
	k, err := jwt.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTokenNamesItsUID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := keys(t, config.JWT{Secret: secret, TTL: time.Hour})
		token, err := k.Sign("ann", 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Verify(token)
		want := jwt.Claims{UID: "ann", Issued: time.Now(), Expires: time.Now().Add(time.Hour)}
		if err != nil || got.UID != want.UID || !got.Issued.Equal(want.Issued) || !got.Expires.Equal(want.Expires) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	})
}

func TestTokenExpiresAfterItsLifeAndTheLeeway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := keys(t, config.JWT{Secret: secret})
		token, _ := k.Sign("ann", time.Minute)
		time.Sleep(time.Minute + 4*time.Second)
		if _, err := k.Verify(token); err != nil {
			t.Errorf("within the leeway: got %v, want none", err)
		}
		time.Sleep(2 * time.Second)
		if _, err := k.Verify(token); !errors.Is(err, jwt.ErrExpired) {
			t.Errorf("after it: got %v, want %v", err, jwt.ErrExpired)
		}
	})
}

func TestSecretIsDemanded(t *testing.T) {
	for _, s := range []string{"", "short", secret[:31]} {
		if k, err := jwt.New(config.JWT{Secret: s}); err == nil || k != nil || !strings.Contains(err.Error(), "jwt.secret") {
			t.Errorf("secret of %d bytes: got %v, want an error that names jwt.secret", len(s), err)
		}
	}
}

func TestSignRefusesNobody(t *testing.T) {
	k := keys(t, config.JWT{Secret: secret})
	for _, uid := range []string{"", strings.Repeat("x", jwt.MaxUID+1)} {
		if token, err := k.Sign(uid, 0); err == nil {
			t.Errorf("uid of %d bytes: got a token %q, want an error", len(uid), token)
		}
	}
}

func TestForgedTokensAreInvalid(t *testing.T) {
	k := keys(t, config.JWT{Secret: secret})
	good, _ := k.Sign("ann", 0)
	sign := func(m gojwt.SigningMethod, key any, c gojwt.MapClaims) string {
		s, err := gojwt.NewWithClaims(m, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	later, before := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
	claims := func(change gojwt.MapClaims) gojwt.MapClaims {
		c := gojwt.MapClaims{"iss": "hawos", "sub": "ann", "exp": later}
		for key, v := range change {
			c[key] = v
		}
		return c
	}
	parts := strings.Split(good, ".")
	bare := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`))
	for name, token := range map[string]string{
		"empty":              "",
		"no token":           "hello",
		"alg none":           sign(gojwt.SigningMethodNone, gojwt.UnsafeAllowNoneSignatureType, claims(nil)),
		"alg none, cut off":  strings.TrimSuffix(sign(gojwt.SigningMethodNone, gojwt.UnsafeAllowNoneSignatureType, claims(nil)), "."),
		"HS384":              sign(gojwt.SigningMethodHS384, []byte(secret), claims(nil)),
		"HS512":              sign(gojwt.SigningMethodHS512, []byte(secret), claims(nil)),
		"another secret":     sign(gojwt.SigningMethodHS256, []byte(strings.Repeat("x", 32)), claims(nil)),
		"another issuer":     sign(gojwt.SigningMethodHS256, []byte(secret), claims(gojwt.MapClaims{"iss": "them"})),
		"no subject":         sign(gojwt.SigningMethodHS256, []byte(secret), claims(gojwt.MapClaims{"sub": ""})),
		"long subject":       sign(gojwt.SigningMethodHS256, []byte(secret), claims(gojwt.MapClaims{"sub": strings.Repeat("x", 129)})),
		"from the future":    sign(gojwt.SigningMethodHS256, []byte(secret), claims(gojwt.MapClaims{"iat": later})),
		"not yet":            sign(gojwt.SigningMethodHS256, []byte(secret), claims(gojwt.MapClaims{"nbf": later})),
		"expired and theirs": sign(gojwt.SigningMethodHS256, []byte(secret), claims(gojwt.MapClaims{"exp": before, "iss": "them"})),
		"no expiry":          sign(gojwt.SigningMethodHS256, []byte(secret), gojwt.MapClaims{"iss": "hawos", "sub": "ann"}),
		"no signature":       parts[0] + "." + parts[1] + ".",
		"other header":       bare + "." + parts[1] + "." + parts[2],
		"too long":           good + strings.Repeat("x", 8<<10),
	} {
		c, err := k.Verify(token)
		if !errors.Is(err, jwt.ErrInvalid) || errors.Is(err, jwt.ErrExpired) || c != (jwt.Claims{}) {
			t.Errorf("%s: got %v, %v, want %v", name, c, err, jwt.ErrInvalid)
		}
		if err != nil && token != "" && strings.Contains(err.Error(), token) {
			t.Errorf("%s: the error %q holds the token", name, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	k := keys(f, config.JWT{Secret: secret})
	good, _ := k.Sign("ann", 100*365*24*time.Hour)
	f.Add(good)
	f.Add("")
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.")
	f.Add(good[:len(good)-1])
	f.Fuzz(func(t *testing.T, token string) {
		c, err := k.Verify(token)
		if err == nil && c.UID != "ann" {
			t.Errorf("%q was taken for %v", token, c)
		}
		if err != nil && c != (jwt.Claims{}) {
			t.Errorf("%q was refused, and yet says %v", token, c)
		}
	})
}
