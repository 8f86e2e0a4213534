package nsqtest

import (
	"encoding/json"
	"net"
	"net/http"
	"sort"
	"time"
)

// version is what clients are told; the suffix says that it is not the real one.
const version = "1.2.1-nsqtest"

// nsqdAPI is nsqd's HTTP API, https://nsq.io/components/nsqd.html.
func (s *Server) nsqdAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", ping)
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, _ *http.Request) {
		respond(w, http.StatusOK, s.self(map[string]any{"version": version, "start_time": s.started.Unix()}))
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, r *http.Request) { respond(w, http.StatusOK, s.stats(r.FormValue("topic"))) })
	for path, do := range map[string]func(topic, channel string) (ok bool, err error){
		"POST /topic/create":   s.createTopic,
		"POST /topic/delete":   func(t, _ string) (bool, error) { return s.deleteTopic(t), nil },
		"POST /topic/empty":    s.emptyTopic,
		"POST /channel/create": s.createChannel,
		"POST /channel/delete": func(t, c string) (bool, error) { return s.deleteChannel(t, c), nil },
		"POST /channel/empty":  s.emptyChannel,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			ok, err := do(r.FormValue("topic"), r.FormValue("channel"))
			switch {
			case err != nil:
				respond(w, http.StatusBadRequest, map[string]any{"message": err.Error()})
			case !ok:
				respond(w, http.StatusNotFound, map[string]any{"message": "NOT_FOUND"})
			default:
				w.WriteHeader(http.StatusOK)
			}
		})
	}
	return mux
}

func ping(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK")) }

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-NSQ-Content-Type", "nsq; version=1.0")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone
}

// self adds to m where this server is reached.
func (s *Server) self(m map[string]any) map[string]any {
	tcp, web := s.tcp.Addr().(*net.TCPAddr), s.http.Addr().(*net.TCPAddr)
	m["broadcast_address"], m["hostname"] = tcp.IP.String(), tcp.IP.String()
	m["tcp_port"], m["http_port"] = tcp.Port, web.Port
	return m
}

func (s *Server) createTopic(name, _ string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.topic(name)
	return true, err
}

func (s *Server) createChannel(topic, name string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.topics[topic] == nil {
		return false, nil
	}
	_, err := s.channel(topic, name)
	return true, err
}

func (s *Server) emptyTopic(name, _ string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[name]
	if t == nil {
		return false, nil
	}
	t.backlog = nil
	return true, nil
}

func (s *Server) emptyChannel(topic, name string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[topic]
	if t == nil || t.channels[name] == nil {
		return false, nil
	}
	t.channels[name].empty()
	return true, nil
}

// stats returns what /stats?format=json tells of all topics, or of one.
func (s *Server) stats(only string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	topics := []map[string]any{}
	for name, t := range s.topics {
		if only != "" && only != name {
			continue
		}
		channels := []map[string]any{}
		for _, c := range t.channels {
			channels = append(channels, map[string]any{
				"channel_name": c.name, "depth": len(c.queue), "in_flight_count": len(c.flights),
				"deferred_count": len(c.deferred), "client_count": len(c.clients),
			})
		}
		sortBy(channels, "channel_name")
		topics = append(topics, map[string]any{
			"topic_name": name, "depth": len(t.backlog), "message_count": t.count, "channels": channels,
		})
	}
	sortBy(topics, "topic_name")
	return map[string]any{"version": version, "health": "OK", "start_time": s.started.Unix(), "time": time.Now().Unix(), "topics": topics}
}

func sortBy(list []map[string]any, key string) {
	sort.Slice(list, func(i, j int) bool { return list[i][key].(string) < list[j][key].(string) })
}
