package event

import (
	"strings"

	"github.com/valyala/fastjson"
)

// cloudtrail reads one record of AWS CloudTrail.
func (p *Parser) cloudtrail(v *fastjson.Value, e *Event) {
	e.Product, e.Service = "aws", "cloudtrail"
	p.when(e, firstOf(p.at(v, "eventTime"), p.at(v, "@timestamp")))
	name, source := p.at(v, "eventName"), p.at(v, "eventSource")
	e.Message = source + " " + name
	e.User = firstOf(p.at(v, "userIdentity", "userName"), roleName(p.at(v, "userIdentity", "arn")),
		p.at(v, "userIdentity", "principalId"), p.at(v, "userIdentity", "invokedBy"), p.at(v, "userIdentity", "type"))
	from := p.at(v, "sourceIPAddress")
	if e.Src = address(from); !e.Src.IsValid() {
		e.Domain = from
	}
	e.UserAgent = p.at(v, "userAgent")
	e.Outcome = Success
	if code := p.at(v, "errorCode"); code != "" || p.at(v, "errorMessage") != "" {
		e.Outcome = Failure
		e.Message += ": " + firstOf(code, p.at(v, "errorMessage"))
	}
	switch {
	case source == "signin.amazonaws.com":
		e.is(Authentication, 1)
		if strings.EqualFold(p.at(v, "responseElements", name), Failure) {
			e.Outcome = Failure
		}
	case source == "iam.amazonaws.com" && cloudAccount(name) > 0:
		e.is(AccountChange, cloudAccount(name))
	case source == "sts.amazonaws.com" && strings.HasPrefix(name, "AssumeRole"), source == "sts.amazonaws.com" && strings.HasPrefix(name, "Get") && strings.HasSuffix(name, "Token"):
		e.is(Authentication, 1)
	default:
		e.is(APIActivity, verbActivity(name))
	}
	if e.Outcome == Failure {
		e.Severity = 2
	}
}

// roleName is the last part of an ARN: the user, or role and session.
func roleName(arn string) string {
	_, name, _ := strings.Cut(arn, "/")
	return name
}

// cloudAccount is the activity of a call that changes an account of a user.
func cloudAccount(name string) int {
	switch name {
	case "CreateUser", "CreateAccessKey", "CreateLoginProfile":
		return 1
	case "DeleteUser", "DeleteAccessKey", "DeleteLoginProfile":
		return 6
	case "ChangePassword":
		return 3
	case "UpdateLoginProfile":
		return 4
	case "AttachUserPolicy", "PutUserPolicy":
		return 7
	case "DetachUserPolicy", "DeleteUserPolicy":
		return 8
	case "EnableMFADevice":
		return 10
	case "DeactivateMFADevice":
		return 11
	case "UpdateUser", "UpdateAccessKey":
		return activityOther
	}
	return 0
}

// verbActivity is create, read, update or delete by the first word of a call's name.
func verbActivity(name string) int {
	for _, v := range verbs {
		if strings.HasPrefix(name, v.word) {
			return v.activity
		}
	}
	return activityOther
}

var verbs = []struct {
	word     string
	activity int
}{
	{"Create", 1}, {"Run", 1}, {"Allocate", 1}, {"Import", 1}, {"Register", 1}, {"create", 1},
	{"Get", 2}, {"List", 2}, {"Describe", 2}, {"Head", 2}, {"Lookup", 2}, {"BatchGet", 2}, {"Search", 2}, {"Query", 2}, {"get", 2}, {"list", 2}, {"watch", 2},
	{"Update", 3}, {"Put", 3}, {"Modify", 3}, {"Set", 3}, {"Add", 3}, {"Attach", 3}, {"Authorize", 3}, {"Associate", 3}, {"Start", 3},
	{"Stop", 3}, {"Enable", 3}, {"Disable", 3}, {"Detach", 3}, {"Revoke", 3}, {"Change", 3}, {"Tag", 3}, {"update", 3}, {"patch", 3},
	{"Delete", 4}, {"Terminate", 4}, {"Remove", 4}, {"Deregister", 4}, {"Release", 4}, {"delete", 4},
}
