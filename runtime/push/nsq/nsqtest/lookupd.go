package nsqtest

import (
	"maps"
	"net/http"
	"slices"
)

// lookupdAPI is nsqlookupd's HTTP API, which knows this one nsqd,
// https://nsq.io/components/nsqlookupd.html.
func (s *Server) lookupdAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", ping)
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, http.StatusOK, map[string]any{"version": version})
	})
	mux.HandleFunc("GET /topics", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, http.StatusOK, map[string]any{"topics": s.topicNames()})
	})
	mux.HandleFunc("GET /nodes", func(w http.ResponseWriter, _ *http.Request) {
		names := s.topicNames()
		node := s.self(map[string]any{"version": version, "topics": names, "tombstones": make([]bool, len(names))})
		respond(w, http.StatusOK, map[string]any{"producers": []any{node}})
	})
	mux.HandleFunc("GET /lookup", func(w http.ResponseWriter, r *http.Request) {
		channels, ok := s.channelNames(r.FormValue("topic"))
		if !ok {
			respond(w, http.StatusNotFound, map[string]any{"message": "TOPIC_NOT_FOUND"})
			return
		}
		node := s.self(map[string]any{"version": version})
		respond(w, http.StatusOK, map[string]any{"channels": channels, "producers": []any{node}})
	})
	return mux
}

func (s *Server) topicNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, slices.Sorted(maps.Keys(s.topics))...)
}

func (s *Server) channelNames(topic string) ([]string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[topic]
	if t == nil {
		return nil, false
	}
	return append([]string{}, slices.Sorted(maps.Keys(t.channels))...), true
}
