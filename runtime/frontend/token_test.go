package frontend

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/jwt"
)

func TestTokenOf(t *testing.T) {
	for _, c := range []struct{ authorization, query, want string }{
		{"", "", ""},
		{"Bearer abc", "", "abc"},
		{"bearer   abc ", "token=other", "abc"},
		{"Basic abc", "token=t", "t"},
		{"", "token=a%2Bb&token=c", "a+b"},
		{"Bearer ", "token=t", "t"},
	} {
		r := &http.Request{Header: http.Header{"Authorization": {c.authorization}}, URL: &url.URL{RawQuery: c.query}}
		if got := tokenOf(r); got != c.want {
			t.Errorf("%q and %q: got %q, want %q", c.authorization, c.query, got, c.want)
		}
	}
}

// FuzzToken: whatever a client sends, nobody gets in but by a token that was
// signed, and then as who it names.
func FuzzToken(f *testing.F) {
	keys, err := jwt.New(config.JWT{Secret: "0123456789abcdef0123456789abcdef"})
	if err != nil {
		f.Fatal(err)
	}
	good, err := keys.Sign("ann", time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Bearer "+good, "")
	f.Add("", "token="+good)
	f.Add("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ.", "token=%zz")
	f.Fuzz(func(t *testing.T, authorization, query string) {
		r := &http.Request{Header: http.Header{"Authorization": {authorization}}, URL: &url.URL{RawQuery: query}}
		if claims, err := keys.Verify(tokenOf(r)); err == nil && claims.UID != "ann" {
			t.Errorf("got in as %q", claims.UID)
		}
	})
}
