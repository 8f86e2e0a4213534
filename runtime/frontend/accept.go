package frontend

import (
	"net/http"
	"strings"

	"github.com/hawos/hawos/runtime/recovery"
)

// accept upgrades one request and logs it in. It returns then: the session goes
// on with a goroutine of its own, whose stack has not grown by the login, and
// net/http keeps none for it.
func (f *Frontend) accept(w http.ResponseWriter, r *http.Request) {
	s := f.upgrade(w, r)
	if s == nil {
		return
	}
	err := recovery.Do(func() error {
		s.begin(tokenOf(r))
		return nil
	})
	s.crashed(err)
	go s.run() // f.running waits for it
}

// upgrade returns the session of a request, which counts as running; nil where it
// answered the request with a refusal.
func (f *Frontend) upgrade(w http.ResponseWriter, r *http.Request) *session {
	f.gate.RLock()
	defer f.gate.RUnlock()
	switch {
	case f.draining:
		refuse(w, "the server is stopping")
		return nil
	case f.sessions.open.Add(1) > int64(f.ws.MaxSessions):
		f.sessions.open.Add(-1)
		f.metrics.refusedUpgrades.Inc()
		refuse(w, "the server is full")
		return nil
	}
	c, err := f.acceptor.Accept(w, r)
	if err != nil {
		f.sessions.open.Add(-1)
		f.metrics.refusedUpgrades.Inc()
		return nil
	}
	f.running.Add(1)
	return newSession(f, c)
}

func refuse(w http.ResponseWriter, text string) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, text, http.StatusServiceUnavailable)
}

// tokenOf returns the login token that came with the upgrade, or "". Tokens and
// the URLs that hold them are never logged.
func tokenOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); token != "" && strings.EqualFold(scheme, "Bearer") {
		return token
	}
	return r.URL.Query().Get("token")
}
