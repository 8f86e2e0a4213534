package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// place is where a client connects, and as whom.
type place struct {
	WS    string `json:"ws"`
	Token string `json:"token"`
}

// login asks the config service for a token.
func login(ctx context.Context, h *http.Client, config, uid string) (place, error) {
	body, err := json.Marshal(map[string]string{"uid": uid})
	if err != nil {
		return place{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(config, "/")+"/api/login", bytes.NewReader(body))
	if err != nil {
		return place{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	reply, err := h.Do(req)
	if err != nil {
		return place{}, err
	}
	defer reply.Body.Close()
	var got struct {
		place
		Error string `json:"error"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&got); err != nil {
		return place{}, fmt.Errorf("log in %q at %s: HTTP %d: %w", uid, config, reply.StatusCode, err)
	}
	if reply.StatusCode != http.StatusOK {
		return place{}, fmt.Errorf("log in %q at %s: HTTP %d: %s", uid, config, reply.StatusCode, got.Error)
	}
	return got.place, nil
}
