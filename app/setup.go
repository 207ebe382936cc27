package app

import (
	"context"
	"crypto/subtle"

	"holdfast/access"
	"holdfast/kind"
)

// setupSetting holds the hash of the secret with which the first administrator
// comes in, while there is nobody yet.
const setupSetting = "setup secret"

// SetupSecret makes the secret of the one-time link for the first administrator. It
// is empty when the installation has a workspace already. A secret made earlier is
// worth nothing from then on.
func (a *App) SetupSecret(ctx context.Context) (string, error) {
	spaces, err := a.store.Workspaces(ctx)
	if err != nil || len(spaces) > 0 {
		return "", err
	}
	secret, err := access.NewSecret()
	if err != nil {
		return "", err
	}
	return secret, a.store.SetSetting(ctx, setupSetting, access.HashSecret(secret))
}

// MaySetUp tells whether the secret opens the set-up.
func (a *App) MaySetUp(ctx context.Context, secret string) error {
	want, err := a.store.Setting(ctx, setupSetting)
	if err != nil {
		return err
	}
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(access.HashSecret(secret))) != 1 {
		return kind.Errorf(kind.Unauthenticated, "the set-up link is not valid any more; restart the server for a new one, or sign in")
	}
	return nil
}

// SetUp makes the first workspace with its first administrator, and uses up the
// secret.
func (a *App) SetUp(ctx context.Context, secret, organisation string, first First) (access.Actor, error) {
	if err := a.MaySetUp(ctx, secret); err != nil {
		return access.Actor{}, err
	}
	if organisation == "" {
		return access.Actor{}, kind.Fieldf("organisation", "is required")
	}
	if first.Password == "" {
		return access.Actor{}, kind.Fieldf("password", "is required")
	}
	who, err := a.Found(ctx, organisation, first)
	if err != nil {
		return who, err
	}
	return who, a.store.SetSetting(ctx, setupSetting, "")
}
