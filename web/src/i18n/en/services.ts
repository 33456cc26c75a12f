/** Services in the reader's words; one without words here is told in those of its contract. */
export default {
  service: {
    auth: {
      name: 'Accounts',
      summary: 'Passwords, passkeys, sessions, access tokens, roles and the audit log.',
    },
    notifications: {
      name: 'Notifications',
      summary: 'Tells people what happened: in the app, live, by mail and as a digest, as they prefer.',
    },
    oauth: {
      name: 'Providers',
      summary: 'Sign-in providers of each project and their tokens, kept fresh in the vault.',
    },
    oidc: {
      name: 'Sign-in for apps',
      summary: 'An OpenID Connect issuer for the apps of each project, and the people who sign in there.',
    },
    operations: { name: 'Operations', summary: 'The running system: map, health, dead letters, replay.' },
    projects: {
      name: 'Projects',
      summary: 'Projects of teams: members, invitations, environments, keys of programs, activity.',
    },
    users: {
      name: 'People',
      summary: 'Who people are to each other: profiles, usernames, export and erasure of their data.',
    },
    webhooks: {
      name: 'Webhooks',
      summary: 'Tells the servers of apps what happened, signed and again until it is heard.',
    },
  },
}
