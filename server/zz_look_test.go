package server

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/testkit/browser"
)

func TestZZLook(t *testing.T) {
	s := browser.New(t)
	link := started(t, Demo, Options{})
	base := link[:strings.Index(link, "/demo/")]
	me := visitor(t)
	if status, _ := get(t, me, link); status != http.StatusOK {
		t.Fatal("no link")
	}
	settle(t, me, base)
	s.Visit(link)
	for _, stop := range strings.Fields(os.Getenv("LOOK")) {
		name := strings.ReplaceAll(strings.Trim(stop, "/"), "/", "_")
		for _, w := range strings.Fields(os.Getenv("LOOKAT")) {
			theme, width := strings.Split(w, ":")[0], map[string]int{"390": 390, "1440": 1440}[strings.Split(w, ":")[1]]
			s.Emulate(theme, width)
			s.Visit(base + stop)
			s.FullScreenshot(filepath.Join("/tmp/look", name+"-"+theme+"-"+strings.Split(w, ":")[1]+".png"))
		}
	}
}
