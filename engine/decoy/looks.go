package decoy

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

// A look is a sign-in page of nobody in particular: never that of a known brand.
type look struct {
	title, user, secret, button, foot string
	ground, panel, ink, accent        string // colours
}

var looks = map[string]look{
	"router": {title: "Gateway", user: "Administrator", secret: "Password", button: "Apply", foot: "Firmware 3.2.18 · Uptime 61 days",
		ground: "#dfe3e8", panel: "#ffffff", ink: "#1d2a35", accent: "#2f5d7c"},
	"mail": {title: "Webmail", user: "E-mail address", secret: "Password", button: "Sign in", foot: "Trouble signing in? Ask the service desk.",
		ground: "#f3f0ea", panel: "#fffdf8", ink: "#2c2620", accent: "#7a4b1e"},
	"intranet": {title: "Staff portal", user: "User name", secret: "Password", button: "Continue", foot: "For staff only. Use is logged.",
		ground: "#22303c", panel: "#f7f9fa", ink: "#1b252d", accent: "#1f7a5c"},
}

// lookNames lists the looks, in order.
func lookNames() []string { return slices.Sorted(maps.Keys(looks)) }

func lookOf(o Options) string {
	if o.Look == "" {
		return "intranet"
	}
	return o.Look
}

func checkLook(o Options) error {
	if _, ok := looks[lookOf(o)]; !ok {
		return fmt.Errorf("there is no look %q; choose %s", visible(o.Look, 40), strings.Join(lookNames(), ", "))
	}
	if len(o.Title) > 100 {
		return fmt.Errorf("the title of the page has %d bytes; give at most 100", len(o.Title))
	}
	return nil
}

var lookPage = template.Must(template.New("look").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title>
<style>body{margin:0;min-height:100vh;display:flex;align-items:center;justify-content:center;font:15px/1.5 sans-serif;background:{{.Ground}};color:{{.Ink}}}
main{background:{{.Panel}};padding:2rem 2.5rem;width:19rem;border-top:4px solid {{.Accent}}}h1{font-size:1.3rem;margin:0 0 1rem}
label{display:block;margin:.8rem 0 .2rem}input{width:100%;padding:.5rem;box-sizing:border-box;border:1px solid #8a949c}
button{margin-top:1.2rem;padding:.5rem 1.4rem;border:0;background:{{.Accent}};color:#fff}small{display:block;margin-top:1.5rem;color:#5b6670}</style></head>
<body><main><h1>{{.Title}}</h1>{{with .Message}}<p role="alert">{{.}}</p>{{end}}
{{if .Form}}<form method="post" action="/login"><label for="u">{{.User}}</label><input id="u" name="username" autocomplete="username">
<label for="p">{{.Secret}}</label><input id="p" name="password" type="password" autocomplete="current-password"><button>{{.Button}}</button></form>{{end}}
<small>{{.Host}} · {{.Foot}}</small></main></body></html>
`))

// page writes the page, with a message and with or without the form.
func (l look) page(o Options, message string, form bool) []byte {
	title := l.title
	if o.Title != "" {
		title = o.Title
	}
	var b bytes.Buffer
	err := lookPage.Execute(&b, map[string]any{
		"Title": title, "Message": message, "Form": form, "User": l.user, "Secret": l.secret, "Button": l.button, "Foot": l.foot, "Host": o.Host,
		"Ground": template.CSS(l.ground), "Panel": template.CSS(l.panel), "Ink": template.CSS(l.ink), "Accent": template.CSS(l.accent),
	})
	if err != nil {
		panic(err) // the template is ours and so is what goes into it
	}
	return b.Bytes()
}
