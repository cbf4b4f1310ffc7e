import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { partOf } from '../lib/load-ahead.ts'
import { root } from './root.tsx'

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  // Where to go on afterwards; anything but a path of ours is passed over where it is used.
  validateSearch: ({ from }): { from?: string } => (typeof from === 'string' ? { from } : {}),
  component: lazyRouteComponent(
    partOf(() => import('../pages/sign-in.tsx')),
    'SignInPage',
  ),
})

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(
    partOf(() => import('../pages/set-up.tsx')),
    'SetUpPage',
  ),
})

const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  component: lazyRouteComponent(
    partOf(() => import('../pages/invite.tsx')),
    'InvitePage',
  ),
})

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyRouteComponent(
    partOf(() => import('../pages/reset-password.tsx')),
    'ResetPasswordPage',
  ),
})

const signUp = createRoute({
  getParentRoute: () => root,
  path: '/sign-up',
  component: lazyRouteComponent(
    partOf(() => import('../pages/sign-up.tsx')),
    'SignUpPage',
  ),
})

/** Pages of those who are not signed in yet. */
export const doorwayPages = [signIn, signUp, setUp, invite, resetPassword] as const
