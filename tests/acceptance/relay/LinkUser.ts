// A mutation: what a person can act on is data, the rest of it Relay merges by id.
import { commitMutation, graphql, type Disposable, type IEnvironment } from 'relay-runtime'
import type { LinkUserMutation, LinkUserMutation$data } from './__generated__/LinkUserMutation.graphql'

const mutation = graphql`
  mutation LinkUserMutation($input: LinkUserInput!) {
    linkUser(input: $input) {
      link {
        canvasName
        loginState
        user {
          links {
            canvasName
          }
        }
      }
      errors {
        __typename
        ... on UserError {
          message
          path
        }
        ... on AlreadyLinkedError {
          other {
            user {
              fullName
            }
          }
        }
      }
    }
  }
`

export function link(environment: IEnvironment, userId: string, told: (sentence: string) => void): Disposable {
  return commitMutation<LinkUserMutation>(environment, {
    mutation,
    variables: { input: { userId, providerId: 'p', canvasUserId: '9007199254740993' } },
    onCompleted: (data) => told(outcome(data)),
  })
}

export function outcome(data: LinkUserMutation$data): string {
  for (const error of data.linkUser?.errors ?? []) {
    if (error.__typename === 'AlreadyLinkedError') return error.other?.user.fullName ?? 'taken'
    return error.message ?? ''
  }
  return data.linkUser?.link?.canvasName ?? 'linked'
}
