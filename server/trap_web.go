package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/net/netutil"

	"holdfast/engine/decoy"
)

// sharePath is where tokens call home at the address of the product. It looks like a
// share of files, and stands outside of the session.
const sharePath = "/share/"

// ServeHTTP answers whoever follows a token, and rings. The answer is the same whether
// the token is ours or made up: nothing tells bait from an old link.
func (h *trapHouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hit, ok := decoy.Recognise(r); ok {
		select {
		case h.rings <- ringing{hit, h.l.now()}:
		default:
			h.log.Warn("a token rang and nobody had time for it", "remote", hit.Remote)
		}
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	io.Copy(io.Discard, r.Body) //nolint:errcheck // what is sent is of no interest
	answerToken(w, r)
}

// answerToken answers in the way of what the visitor believes to speak to.
func answerToken(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	reply := func(status int, media, text string) {
		head.Set("Content-Type", media)
		w.WriteHeader(status)
		io.WriteString(w, text) //nolint:errcheck // he may have left
	}
	switch ext := strings.ToLower(path.Ext(r.URL.Path)); {
	case ext == ".gif" || ext == ".png" || ext == ".jpg":
		media, image := decoy.Pixel()
		reply(http.StatusOK, media, string(image))
	case strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") || strings.Contains(r.UserAgent(), "aws-cli") || strings.Contains(r.UserAgent(), "Boto"):
		reply(http.StatusForbidden, "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>\n")
	case wantsCluster(r):
		reply(http.StatusUnauthorized, "application/json", `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`+"\n")
	case r.Header.Get("Authorization") != "" || strings.Contains(r.Header.Get("Accept"), "json") || strings.Contains(r.URL.Path, "/v1/"):
		reply(http.StatusUnauthorized, "application/json", `{"error":"unauthorized","message":"The token has expired."}`+"\n")
	default:
		reply(http.StatusNotFound, "text/html; charset=utf-8", "<!doctype html>\n<html lang=\"en\"><head><title>This link has expired</title></head><body><h1>This link has expired</h1><p>Ask the person who shared it for a new one.</p></body></html>\n")
	}
}

// wantsCluster tells whether the visitor speaks to a cluster of containers.
func wantsCluster(r *http.Request) bool {
	for _, part := range []string{"/api", "/apis", "/version", "/openapi/v2", "/openapi/v3", "/healthz"} {
		if strings.HasSuffix(r.URL.Path, part) || strings.Contains(r.URL.Path, part+"/v1") {
			return true
		}
	}
	return strings.HasPrefix(r.UserAgent(), "kubectl")
}

// tokenVisitors bounds the connections of the address that answers tokens only.
const tokenVisitors = 128

// serveTokens answers tokens at an address of their own, where nothing else is.
func (h *trapHouse) serveTokens(ctx context.Context) {
	if h.place.Listen == "" {
		return
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", h.place.Listen)
	if err != nil {
		h.lament("Tokens are not answered: " + whyNotListening(h.place.Listen, err))
		return
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 20 * time.Second, IdleTimeout: 20 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(h.log.Handler(), slog.LevelDebug)}
	stop := context.AfterFunc(ctx, func() { srv.Close() }) //nolint:errcheck // Serve says so
	defer stop()
	if err := srv.Serve(netutil.LimitListener(listener, tokenVisitors)); !errors.Is(err, http.ErrServerClosed) {
		h.lament("Tokens are not answered any more: " + err.Error())
	}
}

// serveNames answers names below the zone that is delegated to us.
func (h *trapHouse) serveNames(ctx context.Context) {
	p := h.place
	if p.Zone == "" || p.Names == "" {
		return
	}
	n := &decoy.NameServer{Zone: decoy.Zone{Name: p.Zone, Server: p.Server}, Now: h.l.now, Hits: h.names}
	if err := n.Zone.Check(); err != nil {
		h.lament(fmt.Sprintf("Names of %s are not answered: %v.", p.Zone, err))
		return
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.Names)
	if err != nil {
		h.lament(fmt.Sprintf("Names of %s are not answered: %s", p.Zone, whyNotListening(p.Names, err)))
		return
	}
	packets, err := new(net.ListenConfig).ListenPacket(ctx, "udp", listener.Addr().String())
	if err != nil {
		listener.Close() //nolint:errcheck // nothing was accepted
		h.lament(fmt.Sprintf("Names of %s are not answered: %s", p.Zone, whyNotListening(p.Names, err)))
		return
	}
	h.mu.Lock()
	h.answersAt = listener.Addr().String()
	h.mu.Unlock()
	udp := make(chan error, 1)
	go func() { udp <- n.ServeUDP(ctx, packets) }()
	if err := errors.Join(n.ServeTCP(ctx, listener), <-udp); err != nil {
		h.lament(fmt.Sprintf("Names of %s are not answered any more: %v.", p.Zone, err))
	}
}
