package main

// A person with a plain browser: opens a URL, signs in, consents, and is sent back to the client. Nothing but the
// pages' stable ids is known here.

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

var (
	forms      = regexp.MustCompile(`(?s)(<form\b[^>]*>)(.*?)</form>`)
	inputs     = regexp.MustCompile(`<(?:input|button)\b[^>]*>`)
	attributes = regexp.MustCompile(`\s([a-z-]+)(?:="([^"]*)")?`)
)

type person struct {
	name    string
	browser *http.Client
}

func newPerson(name string) *person {
	jar, _ := cookiejar.New(nil)
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &person{name, &http.Client{Jar: jar, CheckRedirect: stay}}
}

func attributesOf(tag string) map[string]string {
	found := map[string]string{}
	for _, one := range attributes.FindAllStringSubmatch(tag, -1) {
		found[one[1]] = html.UnescapeString(one[2])
	}
	return found
}

// press fills in the form that one of these buttons belongs to.
func (p *person) press(page string, buttons []string) (string, url.Values) {
	for _, button := range buttons {
		for _, form := range forms.FindAllStringSubmatch(page, -1) {
			fields, pressed := url.Values{}, false
			for _, tag := range inputs.FindAllString(form[2], -1) {
				is := attributesOf(tag)
				_, checked := is["checked"]
				unticked := (is["type"] == "checkbox" || is["type"] == "radio") && !checked
				if is["id"] == button {
					pressed = true
				} else if is["type"] == "submit" || strings.HasPrefix(tag, "<button") || unticked {
					continue
				}
				switch is["name"] {
				case "":
				case "username":
					fields.Set("username", p.name)
				case "password":
					fields.Set("password", p.name+"-password")
				default:
					fields.Add(is["name"], is["value"])
				}
			}
			if pressed {
				return attributesOf(form[1])["action"], fields
			}
		}
	}
	return "", nil
}

// walk goes from a URL to where the browser is sent to home, or to a page that says it has arrived.
func (p *person) walk(target, home, last string, buttons ...string) *url.URL {
	answer := must(p.browser.Get(target))
	for range 14 {
		here := answer.Request.URL
		body := string(must(io.ReadAll(answer.Body)))
		answer.Body.Close()
		if location, err := answer.Location(); err == nil {
			if home != "" && strings.HasPrefix(location.String(), home) {
				return location
			}
			answer = must(p.browser.Get(location.String()))
			continue
		}
		if answer.StatusCode != http.StatusOK {
			panic(fmt.Sprintf("%d at %s: %.500s", answer.StatusCode, here, body))
		}
		if last != "" && strings.Contains(body, last) {
			return here
		}
		action, fields := p.press(body, buttons)
		if fields == nil {
			panic("no form to fill in at " + here.String())
		}
		to := must(here.Parse(action))
		request := must(http.NewRequest(http.MethodPost, to.String(), strings.NewReader(fields.Encode())))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", to.Scheme+"://"+to.Host)
		answer = must(p.browser.Do(request))
	}
	panic("too many steps")
}

func (p *person) authorize(target, home string) url.Values {
	return p.walk(target, home, "", "login-submit", "consent-allow").Query()
}

func (p *person) connect(target string) {
	p.walk(target, "", `id="device-result"`, "device-submit", "login-submit", "device-confirm")
}
