// Package jwt issues and checks login tokens: JSON Web Tokens (RFC 7519) signed
// with HS256 and nothing else. The subject is the uid. Whoever holds the secret
// can log in as anybody, so there is no default one; Keys is made by New.
package jwt

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/hawos/hawos/runtime/config"
)

var (
	// ErrExpired says that the token was good once.
	ErrExpired = errors.New("token has expired")
	// ErrInvalid says that the token is none of ours: its form, signature,
	// algorithm, issuer or subject is wrong.
	ErrInvalid = errors.New("token is invalid")
)

// leeway is by how much the clocks of two machines may differ.
const leeway = 5 * time.Second

// maxToken is the greatest token that is looked at, in bytes.
const maxToken = 8 << 10

// MaxUID is the greatest length of a uid in bytes.
const MaxUID = 128

// Keys signs and verifies. Its methods may be called concurrently.
type Keys struct {
	secret []byte
	issuer string
	ttl    time.Duration
	parser *jwt.Parser
}

// Claims are what a token says.
type Claims struct {
	UID     string    // 1 to MaxUID bytes
	Issued  time.Time // to the second; zero where the token does not say
	Expires time.Time // to the second
}

// New returns the keys of the settings. It demands a secret of at least
// config.MinSecret bytes; an empty issuer is "hawos", and a TTL of 0 a day.
func New(c config.JWT) (*Keys, error) {
	switch {
	case c.Secret == "":
		return nil, errors.New("jwt.secret is empty: put one into config/secrets.yaml or HAWOS_JWT_SECRET, such as the output of: openssl rand -hex 32")
	case len(c.Secret) < config.MinSecret:
		return nil, fmt.Errorf("jwt.secret has %d bytes, and HS256 wants at least %d", len(c.Secret), config.MinSecret)
	}
	k := &Keys{secret: []byte(c.Secret), issuer: c.Issuer, ttl: c.TTL}
	if k.issuer == "" {
		k.issuer = "hawos"
	}
	if k.ttl <= 0 {
		k.ttl = 24 * time.Hour
	}
	k.parser = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(k.issuer),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
	)
	return k, nil
}

// Sign returns a token for the uid, which has 1 to MaxUID bytes, valid for ttl
// from now; 0 is the settings' jwt.ttl.
func (k *Keys) Sign(uid string, ttl time.Duration) (string, error) {
	if uid == "" || len(uid) > MaxUID {
		return "", fmt.Errorf("sign a token: uid %.40q must have 1 to %d bytes", uid, MaxUID)
	}
	if ttl <= 0 {
		ttl = k.ttl
	}
	now := time.Now()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer:    k.issuer,
		Subject:   uid,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
	})
	text, err := token.SignedString(k.secret)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return text, nil
}

// Verify returns what the token says, or an error that is ErrExpired or
// ErrInvalid. Its text never holds the token.
func (k *Keys) Verify(token string) (Claims, error) {
	if len(token) > maxToken {
		return Claims{}, fmt.Errorf("%w: it is longer than %d bytes", ErrInvalid, maxToken)
	}
	var c jwt.RegisteredClaims
	_, err := k.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return k.secret, nil })
	switch {
	case err != nil:
		return Claims{}, refusal(err)
	case c.Subject == "" || len(c.Subject) > MaxUID:
		return Claims{}, fmt.Errorf("%w: its subject is no uid", ErrInvalid)
	}
	claims := Claims{UID: c.Subject, Expires: c.ExpiresAt.Time}
	if c.IssuedAt != nil {
		claims.Issued = c.IssuedAt.Time
	}
	return claims, nil
}

// refusal tells one kind of refusal from the other. A token that is expired and
// wrong besides is invalid.
func refusal(err error) error {
	for _, worse := range []error{
		jwt.ErrTokenMalformed, jwt.ErrTokenUnverifiable, jwt.ErrTokenSignatureInvalid,
		jwt.ErrTokenInvalidIssuer, jwt.ErrTokenRequiredClaimMissing, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenNotValidYet,
	} {
		if errors.Is(err, worse) {
			return fmt.Errorf("%w: %w", ErrInvalid, worse)
		}
	}
	if errors.Is(err, jwt.ErrTokenExpired) {
		return ErrExpired
	}
	return ErrInvalid
}
