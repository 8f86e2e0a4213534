package frontend

import (
	"net/http"
	"strings"
)

// accept upgrades one request. It returns at once: the session runs on a
// goroutine of its own, and net/http keeps none for it.
func (f *Frontend) accept(w http.ResponseWriter, r *http.Request) {
	f.gate.RLock()
	defer f.gate.RUnlock()
	switch {
	case f.draining:
		refuse(w, "the server is stopping")
		return
	case f.sessions.open.Add(1) > int64(f.ws.MaxSessions):
		f.sessions.open.Add(-1)
		f.metrics.refusedUpgrades.Inc()
		refuse(w, "the server is full")
		return
	}
	c, err := f.acceptor.Accept(w, r)
	if err != nil {
		f.sessions.open.Add(-1)
		f.metrics.refusedUpgrades.Inc()
		return
	}
	s := newSession(f, c)
	token := tokenOf(r)
	f.running.Go(func() { s.run(token) })
}

func refuse(w http.ResponseWriter, text string) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, text, http.StatusServiceUnavailable)
}

// tokenOf returns the login token that came with the upgrade, or "". Tokens and
// the URLs that hold them are never logged.
func tokenOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return r.URL.Query().Get("token")
}
