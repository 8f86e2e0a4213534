package frontend_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/wire"
)

func (r *rig) shortToken(uid string, ttl time.Duration) string {
	r.t.Helper()
	token, err := r.keys.Sign(uid, ttl)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// badTokens are tokens that must never let anybody in.
func badTokens(t testing.TB, good string) map[string]string {
	t.Helper()
	other, err := jwt.New(config.JWT{Secret: strings.Repeat("x", 32)})
	if err != nil {
		t.Fatal(err)
	}
	forged, err := other.Sign("ann", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	expired, err := gojwt.NewWithClaims(gojwt.SigningMethodHS256, gojwt.RegisteredClaims{
		Issuer: "hawos", Subject: "ann", ExpiresAt: gojwt.NewNumericDate(time.Now().Add(-time.Hour)),
	}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	return map[string]string{
		"rubbish":           "rubbish",
		"another secret":    forged,
		"expired":           expired,
		"alg none":          none + "." + parts[1] + ".",
		"alg none, signed":  none + "." + parts[1] + "." + parts[2],
		"without signature": parts[0] + "." + parts[1] + ".",
		"truncated":         good[:len(good)-4],
		"huge":              strings.Repeat("a", 9000),
	}
}

func TestLoginRefusesBadTokens(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", nil)
	_, address := n.Endpoint()
	for name, token := range badTokens(t, r.token("ann")) {
		t.Run(name, func(t *testing.T) {
			n.dial(t, wire.Proto, token).wantClose(wire.CloseToken)
			connect(t, wire.JSON, "ws://"+address+"/ws?token="+token, nil).wantClose(wire.CloseToken)
			c := n.dial(t, wire.Proto, "")
			p := c.call(wire.IDLogin, 3, &hawospb.LoginRequest{Token: token})
			if p.Code != uint32(codes.Unauthenticated) {
				t.Errorf("got %+v, want UNAUTHENTICATED", p)
			}
			c.wantClose(wire.CloseToken)
		})
	}
	if c := n.dial(t, wire.Proto, ""); c.call(wire.IDLogin, 1, nil).Code != uint32(codes.Unauthenticated) {
		t.Error("a login without a token must be refused")
	}
}

func TestLoginTakesTheTokenInThreeWays(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", nil)
	_, address := n.Endpoint()
	check := func(c *client, p wire.Packet, uid string) {
		t.Helper()
		var login hawospb.LoginReply
		if c.decode(p, &login); p.ID != wire.IDLogin || p.Code != 0 || login.GetUid() != uid {
			t.Errorf("got %+v, %v, want the LoginReply of %s", p, &login, uid)
		}
	}
	h := http.Header{"Authorization": {"bearer  " + r.token("header")}}
	c := connect(t, wire.Proto, "ws://"+address+"/ws?token=ignored", h)
	check(c, c.read(), "header")
	c = connect(t, wire.JSON, "ws://"+address+"/ws?token="+r.token("query"), nil)
	check(c, c.read(), "query")
	c = n.dial(t, wire.JSON, "")
	check(c, c.call(wire.IDLogin, 1, &hawospb.LoginRequest{Token: r.token("packet")}), "packet")
}

func TestLoginAgain(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", nil)
	c := n.dial(t, wire.Proto, r.shortToken("ann", time.Second))
	c.read()
	for _, step := range []struct {
		name, token string
		want        codes.Code
	}{
		{"another uid", r.token("bob"), codes.PermissionDenied},
		{"a bad token", "rubbish", codes.Unauthenticated},
		{"the same uid", r.token("ann"), codes.OK},
	} {
		if p := c.call(wire.IDLogin, 1, &hawospb.LoginRequest{Token: step.token}); p.Code != uint32(step.want) {
			t.Errorf("%s: got %+v, want %v", step.name, p, step.want)
		}
	}
	_ = c.SetReadDeadline(time.Now().Add(1500 * time.Millisecond)) // past the first token's end
	if _, _, err := c.ReadMessage(); err == nil || strings.Contains(err.Error(), "close") {
		t.Errorf("got %v, want the connection to outlive the first token", err)
	}
}

func TestLoginEndsWithTheToken(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", nil)
	c := n.dial(t, wire.Proto, r.shortToken("ann", time.Second))
	if last := c.wantClose(wire.CloseToken); last.ID != wire.IDLogin {
		t.Errorf("got %+v, want the LoginReply before", last)
	}
}

func TestLoginTimeout(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", func(c *config.Config) { c.WS.LoginTimeout = 50 * time.Millisecond })
	n.dial(t, wire.Proto, "").wantClose(wire.CloseIdle)
	c := n.dial(t, wire.Proto, "")
	c.call(wire.IDLogin, 1, &hawospb.LoginRequest{Token: r.token("ann")})
	_ = c.SetReadDeadline(time.Now().Add(150 * time.Millisecond))
	if _, _, err := c.ReadMessage(); strings.Contains(err.Error(), "close") {
		t.Errorf("got %v, want no close after a login", err)
	}
}

// TestDuplicateLogin also holds that the close of the old session leaves the new
// one in the directory.
func TestDuplicateLogin(t *testing.T) {
	for _, second := range []string{"1", "2"} {
		t.Run("kick from frontend-"+second, func(t *testing.T) {
			r := newRig(t)
			nodes := map[string]*node{"1": r.frontend("1", nil), "2": r.frontend("2", nil)}
			old := nodes["1"].login(t, "ann")
			now := nodes[second].login(t, "ann")
			old.wantClose(wire.CloseReplaced)
			old.Close()
			eventually(t, "the old session is gone", func() bool { return nodes["1"].online(t) == map[bool]int{true: 1, false: 0}[second == "1"] })
			if p := r.place(t, "ann"); p.Frontend != "frontend-"+second {
				t.Errorf("got %+v, want the second login", p)
			}
			if p := now.call(wire.IDPing, 1, nil); p.Code != 0 {
				t.Errorf("got %+v, want an answer", p)
			}
		})
		t.Run("refuse at frontend-"+second, func(t *testing.T) {
			r := newRig(t)
			refuse := func(c *config.Config) { c.WS.Duplicate = "refuse" }
			nodes := map[string]*node{"1": r.frontend("1", refuse), "2": r.frontend("2", refuse)}
			old := nodes["1"].login(t, "ann")
			c := nodes[second].dial(t, wire.Proto, r.token("ann"))
			if last := c.wantClose(wire.CloseReplaced); last.ID != wire.IDLogin || last.Code != uint32(codes.AlreadyExists) {
				t.Errorf("got %+v, want ALREADY_EXISTS", last)
			}
			c = nodes[second].dial(t, wire.Proto, "")
			if p := c.call(wire.IDLogin, 1, &hawospb.LoginRequest{Token: r.token("ann")}); p.Code != uint32(codes.AlreadyExists) {
				t.Errorf("got %+v, want ALREADY_EXISTS", p)
			}
			old.Close()
			seq := uint32(1)
			eventually(t, "the refused may log in when the first is gone", func() bool {
				seq++
				return c.call(wire.IDLogin, seq, &hawospb.LoginRequest{Token: r.token("ann")}).Code == 0
			})
		})
	}
	t.Run("allow", func(t *testing.T) {
		r := newRig(t)
		n := r.frontend("1", func(c *config.Config) { c.WS.Duplicate = "allow" })
		first, second := n.login(t, "ann"), n.login(t, "ann")
		for _, c := range []*client{first, second} {
			if p := c.call(wire.IDPing, 1, nil); p.Code != 0 {
				t.Errorf("got %+v, want both to stay", p)
			}
		}
		second.Close()
		eventually(t, "the first takes the second's place", func() bool { return n.online(t) == 1 && r.place(t, "ann").Session != "" })
	})
}

func TestLoginOverADeadFrontendsEntry(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", func(c *config.Config) { c.WS.Duplicate = "refuse" })
	dead := directory.Place{Session: "s", Frontend: "frontend-9", Epoch: "e"}
	if _, _, err := r.directory.Set(t.Context(), "ann", dead); err != nil {
		t.Fatal(err)
	}
	n.login(t, "ann")
	if p := r.place(t, "ann"); p.Frontend != "frontend-1" {
		t.Errorf("got %+v, want the new login", p)
	}
}

func TestLoginLeavesTheDirectory(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", nil)
	c := n.login(t, "ann")
	if p := r.place(t, "ann"); p.Frontend != "frontend-1" || p.Epoch != n.Epoch() {
		t.Errorf("got %+v, want frontend-1", p)
	}
	c.Close()
	eventually(t, "the directory forgets the uid", func() bool { return r.place(t, "ann") == directory.Place{} })
}

func (r *rig) place(t testing.TB, uid string) directory.Place {
	t.Helper()
	p, err := r.directory.Lookup(t.Context(), []string{uid})
	if err != nil {
		t.Fatal(err)
	}
	return p[0]
}
