package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// Two tabs chat, in a room and in private; what people write is shown as text;
// a lost frontend is come back from.
func TestTwoTabsChat(t *testing.T) {
	b := openBrowser(t)
	w := newWorld(t, options{})
	config := w.start(program{"config", "1", nil})[0]
	page := "http://" + config.addr("http") + "/"
	w.write("frontend.yaml", fmt.Sprintf("ws: {origins: [%q]}\n", page[:len(page)-1]))
	frontends, _ := w.chats()

	ann, bob := b.open(page), b.open(page)
	enter(ann, "ann")
	ann.awaitText("members", "annyou")
	enter(bob, "bob")
	bob.awaitText("members", "annbobyou")
	ann.awaitText("members", "annyoubob")

	ann.fill("text", "hello <img src=x onerror=\"document.title='broken into'\">")
	bob.awaitText("messages", "hello <img")
	bob.fill("text", "hello back")
	ann.awaitText("messages", "hello back")
	if got := bob.eval(`document.querySelectorAll("#messages img").length + document.title`); got != "0hawos chat" {
		t.Errorf("what ann wrote is more than text: %q", got)
	}

	ann.eval(`[...document.querySelectorAll("#members button")].find((b) => b.textContent.startsWith("bob")).click()`)
	ann.awaitText("title", "@ bob")
	ann.fill("text", "between us")
	bob.awaitText("conversations", "@ ann1")
	ann.awaitText("messages", "between us")
	ann.shoot("private")
	bob.shoot("room")

	ann.fill("room", "No Such Room")
	ann.awaitText("error", "room")

	ann.eval(`[...document.querySelectorAll("#conversations button")].find((b) => b.textContent.startsWith("# lobby")).click()`)
	frontends[0].kill()
	eventually(t, "bob can send again, and both hear it", func() bool {
		bob.fill("text", "still here")
		return strings.Contains(ann.text("messages"), "still here") && strings.Contains(bob.text("messages"), "still here")
	})
	ann.shoot("back")
}

// enter fills in the page's login.
func enter(t *tab, uid string) {
	t.t.Helper()
	eventually(t.t, "the page is loaded", func() bool {
		return t.eval(`document.readyState === "complete" && !!document.getElementById("login")?.onsubmit`) == "true"
	})
	t.fill("uid", uid)
}
