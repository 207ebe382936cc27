package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxAnswer bounds how much of an answer is read: enough for an error message.
const maxAnswer = 4 << 10

// Hook is the body of a webhook.
type Hook struct {
	Type     string `json:"type"` // as in alert.raised
	At       string `json:"timestamp"`
	Severity string `json:"severity"`
	Subject  string `json:"subject"`
	Text     string `json:"text"`
	Link     string `json:"link,omitempty"`
	Data     any    `json:"data,omitempty"`
}

// webhook posts a message as JSON, signed as Standard Webhooks has it: HMAC-SHA256 over
// id, time and body.
func (n *Notifier) webhook(ctx context.Context, to string, m Message) error {
	u, err := webAddress(to)
	if err != nil {
		return err
	}
	body, err := json.Marshal(Hook{Type: m.Kind, At: m.At.UTC().Format("2006-01-02T15:04:05Z07:00"), Severity: m.Severity.String(), Subject: m.Subject, Text: m.Text, Link: m.Link, Data: m.Data})
	if err != nil {
		return setUp("the message cannot be written as JSON: %v", err)
	}
	h := http.Header{"Content-Type": {"application/json"}}
	if n.cfg.Secret != "" {
		at := strconv.FormatInt(n.cfg.Now().Unix(), 10)
		h.Set("Webhook-Id", m.ID)
		h.Set("Webhook-Timestamp", at)
		h.Set("Webhook-Signature", "v1,"+Sign(n.cfg.Secret, m.ID, at, body))
	}
	return n.post(ctx, u, h, body)
}

// Sign is the signature of a webhook: HMAC-SHA256 with the secret over "id.time.body", in
// Base64 (Standard Webhooks 1.0). A receiver computes the same and compares.
func Sign(secret, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// post sends and judges the answer: below 300 it arrived; what the receiver will never
// take is not repeated; a redirect is not followed.
func (n *Notifier) post(ctx context.Context, u *url.URL, h http.Header, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return setUp("the address is none")
	}
	req.Header = h
	req.Header.Set("User-Agent", "Holdfast/"+n.cfg.Version)
	resp, err := n.out.client.Do(req)
	if err != nil {
		return hidden(u.Host, err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch code := resp.StatusCode; {
	case code < 300:
		return nil
	case code < 400:
		return setUp("%s answered %d and wants to send us elsewhere; name the final address", u.Host, code)
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return fmt.Errorf("%s answered %d: %s", u.Host, code, short(answer))
	default:
		return setUp("%s answered %d: %s", u.Host, code, short(answer))
	}
}

// short is the beginning of an answer in one line.
func short(answer []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer), "")), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}

// chat posts a message in the shape that the service behind the address understands.
func (n *Notifier) chat(ctx context.Context, to string, m Message) error {
	u, err := webAddress(to)
	if err != nil {
		return err
	}
	h := http.Header{"Content-Type": {"application/json"}}
	var body any
	switch chatOf(u) {
	case teams:
		body = teamsCard(m)
	case ntfy:
		return n.ntfy(ctx, u, m)
	default: // Slack, Mattermost, Rocket.Chat and most others read this
		body = map[string]any{"text": chatText(m)}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return n.post(ctx, u, h, data)
}

type chatService int

const (
	slackLike chatService = iota
	teams
	ntfy
)

// chatOf recognises the service by its address. A fragment names it where the address does
// not: https://push.corp.example/alarms#ntfy.
func chatOf(u *url.URL) chatService {
	host := strings.ToLower(u.Hostname())
	switch {
	case u.Fragment == "teams", strings.HasSuffix(host, ".webhook.office.com"), strings.HasSuffix(host, ".logic.azure.com"), strings.HasSuffix(host, ".api.powerplatform.com"):
		return teams
	case u.Fragment == "ntfy", host == "ntfy.sh", strings.HasPrefix(host, "ntfy."):
		return ntfy
	}
	return slackLike
}

// marks stand before a message so that one sees from afar how grave it is.
var marks = map[Severity]string{Critical: "🔴", High: "🟠", Medium: "🟡", Low: "🔵"}

// chatText is a message for a chat. What came from outside may not call people or hide a
// link behind words.
func chatText(m Message) string {
	text := strings.TrimSpace(marks[m.Severity] + " *" + tame(m.Subject) + "*")
	if m.Text != "" {
		text += "\n" + tame(m.Text)
	}
	if m.Link != "" {
		text += "\n" + m.Link
	}
	return text
}

var tameSigns = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u200b", "](", "] (", "*", "∗", "`", "'")

func tame(s string) string { return tameSigns.Replace(s) }

// teamsCard is an adaptive card, as Teams' workflows take it.
func teamsCard(m Message) any {
	block := func(text string, extra map[string]any) map[string]any {
		b := map[string]any{"type": "TextBlock", "text": tame(text), "wrap": true}
		for k, v := range extra {
			b[k] = v
		}
		return b
	}
	card := map[string]any{
		"type": "AdaptiveCard", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "version": "1.4",
		"body": []any{block(m.Subject, map[string]any{"weight": "Bolder", "size": "Medium"}), block(m.Text, nil)},
	}
	if m.Link != "" {
		card["actions"] = []any{map[string]any{"type": "Action.OpenUrl", "title": "Open", "url": m.Link}}
	}
	return map[string]any{"type": "message", "attachments": []any{map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}}
}

// ntfy publishes a push message: the body is the text, headers say the rest.
func (n *Notifier) ntfy(ctx context.Context, u *url.URL, m Message) error {
	u.Fragment = ""
	h := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	h.Set("Title", header(m.Subject))
	h.Set("Priority", strconv.Itoa(int(max(m.Severity, Informational))))
	if m.Link != "" {
		h.Set("Click", header(m.Link))
	}
	return n.post(ctx, u, h, []byte(m.Text))
}

// header makes text fit for a header: one line; what is not ASCII as RFC 2047 has it.
func header(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for _, r := range s {
		if r > 0x7e {
			return "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
		}
	}
	return s
}
