package api

import (
	"bytes"
	"html/template"
	"net/http"

	"holdfast/kind"
)

// docs is a page for people. It has no script and loads nothing from elsewhere.
func (a *api) docs(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var groups []docsGroup
	for _, g := range kind.Groups {
		groups = append(groups, docsGroup{kind.Humanise(string(g)), a.reg.In(g)})
	}
	var out bytes.Buffer
	err := docsPage.Execute(&out, map[string]any{"Prefix": Prefix, "Version": a.Version, "Groups": groups, "Codes": docsCodes, "Reports": a.reportNames()})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	_, _ = w.Write(out.Bytes())
	return nil
}

func (a *api) docsStyle(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(docsCSS))
	return nil
}

type docsGroup struct {
	Name  string
	Kinds []*kind.Kind
}

// docsCodes says what each code of a problem means and what to do.
var docsCodes = []struct{ Code, Status, Means string }{
	{"invalid", "400, 422", "The input is not as it should be. errors names the fields or parameters; correct them and send again."},
	{"not_found", "404", "There is no such record in this workspace, or nothing is served at this address."},
	{"forbidden", "403", "You are known, but your roles, or the scopes of the token, do not allow it."},
	{"unauthenticated", "401", "No token, or one that is unknown, revoked or expired."},
	{"cross_origin", "403", "A browser sent the request from a page of another site."},
	{"conflict", "409", "It is not possible as things stand: another state, a key that exists, a version that is no longer the newest."},
	{"stale", "412", "The record changed since the version named in If-Match. Read it again; version says which one is stored."},
	{"idempotency", "422", "The Idempotency-Key was used for another request. Take a new key for each new request."},
	{"media_type", "415", "The body is of a type that is not read here."},
	{"too_large", "413", "Over a limit that protects the service: 1 MB for a record, 64 MB for an import, 256 MB for a scan."},
	{"rate_limit", "429", "Too many requests. Wait as many seconds as Retry-After says."},
	{"unavailable", "503", "Something we depend on does not answer. Try again later."},
	{"internal", "500", "Our mistake. It is in the log of the server."},
}

var docsPage = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast API</title><link rel="stylesheet" href="{{.Prefix}}/docs.css"></head>
<body><main>
<h1>Holdfast API</h1>
<p>Everything the product can do, as JSON over HTTP. The full description for machines: <a href="{{.Prefix}}/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>

<h2>Begin</h2>
<p>Make a token under your account and send it with every request.</p>
<pre>curl -H "Authorization: Bearer $HOLDFAST_TOKEN" https://HOST{{.Prefix}}/me
curl -H "Authorization: Bearer $HOLDFAST_TOKEN" "https://HOST{{.Prefix}}/findings?filter[severity]=critical&amp;sort=due"
curl -H "Authorization: Bearer $HOLDFAST_TOKEN" -H "Content-Type: application/json" \
     -d '{"title": "Payroll", "nature": "intangible", "type": "application", "value": 250000}' https://HOST{{.Prefix}}/assets</pre>

<h2>Records</h2>
<p>Every kind of record is served in the same way; the list of kinds is below.</p>
<table><caption>Routes of a kind</caption><thead><tr><th scope="col">Request</th><th scope="col">Does</th></tr></thead><tbody>
<tr><td><code>GET /risks</code></td><td>A page. <code>filter[FIELD]=a,b</code>, <code>filter[FIELD][OP]=v</code> with is, not, contains, lt, lte, gt, gte, empty; <code>sort=-FIELD</code>, <code>q=words</code>, <code>page[limit]</code>, <code>page[cursor]</code>, <code>count=true</code>, <code>deleted=true</code>, <code>refs=key</code></td></tr>
<tr><td><code>GET /risks.csv</code></td><td>All that match as a file; also .xlsx, .json, .yaml</td></tr>
<tr><td><code>POST /risks</code></td><td>Makes a record. A reference is a key or an id. With <code>Idempotency-Key</code> a repetition makes no second one</td></tr>
<tr><td><code>GET /risks/ID</code></td><td>One record, by id or key. Its version is in <code>ETag</code></td></tr>
<tr><td><code>PATCH /risks/ID</code></td><td>Changes the fields that are named; null empties one. <code>If-Match</code> refuses when somebody else was faster</td></tr>
<tr><td><code>DELETE /risks/ID</code></td><td>Puts it into the bin; <code>POST …/restore</code> takes it out</td></tr>
<tr><td><code>POST /risks/ID/actions/accept</code></td><td>Changes the state, with <code>{"reason": "…", "until": "2027-01-31"}</code></td></tr>
<tr><td><code>GET /risks/ID/history</code></td><td>Who changed what, when and why</td></tr>
<tr><td><code>GET /risks/ID/links/treated%20by</code></td><td>What a relation leads to; <code>PUT</code> and <code>DELETE …/OTHER</code> join and part</td></tr>
</tbody></table>

<h2>Everything else</h2>
<table><caption>Other routes</caption><thead><tr><th scope="col">Request</th><th scope="col">Does</th></tr></thead><tbody>
<tr><td><code>GET /search?q=words</code></td><td>Finds records of all kinds</td></tr>
<tr><td><code>GET /journal</code></td><td>What happened in the workspace</td></tr>
<tr><td><code>GET /jobs</code></td><td>Work in the background</td></tr>
<tr><td><code>GET /kinds</code></td><td>Kinds, fields, actions, and what you may do</td></tr>
<tr><td><code>POST /scans</code></td><td>Takes in <code>holdfast scan … -o json</code>, or a bill of materials with <code>?target=NAME</code></td></tr>
<tr><td><code>GET /risks/ID/why</code></td><td>What the figures of a risk follow from</td></tr>
<tr><td><code>POST /risks/ID/what-if</code></td><td>What safeguards would be worth: <code>{"safeguards": ["KEY"]}</code></td></tr>
<tr><td><code>GET /portfolio</code></td><td>All open risks together, in money</td></tr>
<tr><td><code>GET /reports</code></td><td>The documents that can be made</td></tr>
<tr><td><code>GET /reports/audit-pack.zip</code></td><td>Papers, records, files and journal in one archive, which <code>holdfast verify</code> checks offline</td></tr>
{{range .Reports}}<tr><td><code>GET /reports/{{.}}.pdf</code></td><td>The document, also as .html, .docx and .xlsx</td></tr>{{end}}
<tr><td><code>POST /imports</code></td><td>Takes in YAML, JSON, CSV, XLSX or a ZIP of YAML files; all or nothing; <code>dry_run=true</code> only tells</td></tr>
<tr><td><code>GET /export</code></td><td>The whole workspace as a ZIP of YAML and Markdown files</td></tr>
<tr><td><code>POST /plan</code></td><td>What it takes to make the records as a folder says (a ZIP of such files, YAML or JSON); nothing is written</td></tr>
<tr><td><code>POST /apply</code></td><td>Makes the records so, in one transaction; <code>only=FINGERPRINT</code> refuses any plan but the one that was reviewed</td></tr>
</tbody></table>

<h2>Errors</h2>
<p>An error is a problem document (RFC 9457): <code>type</code>, <code>title</code>, <code>status</code>, <code>detail</code>, <code>code</code>, and <code>errors</code> with the fields.</p>
<table><caption>Codes</caption><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Means</th></tr></thead><tbody>
{{range .Codes}}<tr id="{{.Code}}"><td><code>{{.Code}}</code></td><td>{{.Status}}</td><td>{{.Means}}</td></tr>
{{end}}</tbody></table>
<p>Every answer tells the limit: <code>RateLimit-Limit</code>, <code>RateLimit-Remaining</code>, <code>RateLimit-Reset</code>.</p>

<h2>Kinds</h2>
{{range .Groups}}<h3>{{.Name}}</h3>
<table><thead><tr><th scope="col">Path</th><th scope="col">Is</th></tr></thead><tbody>
{{range .Kinds}}<tr><td><code>/{{.Plural}}</code></td><td>{{.Doc}}</td></tr>
{{end}}</tbody></table>
{{end}}</main></body></html>
`))

const docsCSS = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; padding: 2rem 1rem; }
main { max-width: 60rem; margin: 0 auto; }
h1, h2, h3 { line-height: 1.2; margin: 2rem 0 0.5rem; }
h1 { margin-top: 0; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
td:first-child { white-space: nowrap; }
pre { overflow-x: auto; padding: 1rem; background: color-mix(in srgb, currentColor 7%, transparent); border-radius: 0.5rem; }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
:target { background: color-mix(in srgb, currentColor 12%, transparent); }
`
