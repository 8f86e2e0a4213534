package e2e_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// browser is a Chromium without a window.
type browser struct {
	t    *testing.T
	host string // of its DevTools
}

// openBrowser starts Chromium, or skips the test where there is none.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	bin := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			bin = path
			break
		}
	}
	if bin == "" {
		t.Skip("SKIP: no chromium on PATH")
	}
	cmd := exec.Command(bin, "--headless=new", "--no-sandbox", "--disable-quic", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-gpu", "--no-first-run", "--window-size=1200,800",
		"--remote-debugging-port=0", "--user-data-dir="+t.TempDir(), "about:blank")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found, done := make(chan string, 1), make(chan struct{})
	go func() { // ends with the browser
		defer close(done)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			if _, at, ok := strings.Cut(lines.Text(), "DevTools listening on ws://"); ok {
				host, _, _ := strings.Cut(at, "/")
				found <- host
			}
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-done })
	select {
	case host := <-found:
		return &browser{t: t, host: host}
	case <-done:
		t.Skip("SKIP: chromium does not start here")
	case <-time.After(patience):
		t.Fatal("chromium is not ready")
	}
	return nil
}

// tab is one page, driven by DevTools.
type tab struct {
	t  *testing.T
	ws *websocket.Conn
	id int
}

func (b *browser) open(url string) *tab {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPut, "http://"+b.host+"/json/new?"+url, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer reply.Body.Close()
	var target struct{ WebSocketDebuggerURL string }
	if err := json.NewDecoder(reply.Body).Decode(&target); err != nil {
		b.t.Fatal(err)
	}
	ws, _, err := websocket.DefaultDialer.DialContext(b.t.Context(), target.WebSocketDebuggerURL, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = ws.Close() })
	return &tab{t: b.t, ws: ws}
}

// do runs a method of DevTools and decodes its result into out.
func (t *tab) do(method string, params map[string]any, out any) {
	t.t.Helper()
	t.id++
	if err := t.ws.WriteJSON(map[string]any{"id": t.id, "method": method, "params": params}); err != nil {
		t.t.Fatal(err)
	}
	for {
		var got struct {
			ID     int
			Result json.RawMessage
			Error  json.RawMessage
		}
		if err := t.ws.ReadJSON(&got); err != nil {
			t.t.Fatal(err)
		}
		if got.ID != t.id {
			continue // an event
		}
		if got.Error != nil {
			t.t.Fatalf("%s: %s", method, got.Error)
		}
		if err := json.Unmarshal(got.Result, out); err != nil {
			t.t.Fatal(err)
		}
		return
	}
}

// eval returns what the script evaluates to, as text.
func (t *tab) eval(script string) string {
	t.t.Helper()
	var got struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	t.do("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true, "awaitPromise": true}, &got)
	if got.ExceptionDetails != nil {
		t.t.Fatalf("%s: %s", script, got.ExceptionDetails)
	}
	return fmt.Sprint(got.Result.Value)
}

// fill types a text into the field and submits its form.
func (t *tab) fill(field, text string) {
	t.t.Helper()
	t.eval(fmt.Sprintf(`(() => { const f = document.getElementById(%q); f.value = %q; f.form.requestSubmit(); })()`, field, text))
}

// text returns what the element shows.
func (t *tab) text(element string) string {
	t.t.Helper()
	return t.eval(fmt.Sprintf(`document.getElementById(%q)?.textContent ?? ""`, element))
}

// awaitText waits until the element's text holds the wanted one.
func (t *tab) awaitText(element, want string) {
	t.t.Helper()
	eventually(t.t, fmt.Sprintf("%s shows %q", element, want), func() bool {
		return strings.Contains(t.text(element), want)
	})
}

// shoot saves a picture of the page where HAWOS_E2E_SCREENSHOTS names a folder.
func (t *tab) shoot(name string) {
	t.t.Helper()
	dir := os.Getenv("HAWOS_E2E_SCREENSHOTS")
	if dir == "" {
		return
	}
	var got struct{ Data string }
	t.do("Page.captureScreenshot", nil, &got)
	png, err := base64.StdEncoding.DecodeString(got.Data)
	if err != nil {
		t.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		t.t.Fatal(err)
	}
}
