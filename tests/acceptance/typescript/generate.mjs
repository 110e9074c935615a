// node generate.mjs SCHEMA DOCUMENT…: schema.ts and operations.ts, with the scalars as frontends have them.
import { readFileSync, writeFileSync } from 'node:fs'
import { codegen } from '@graphql-codegen/core'
import * as schemaTypes from '@graphql-codegen/typescript'
import * as operationTypes from '@graphql-codegen/typescript-operations'
import { parse } from 'graphql'

const [schema, ...files] = process.argv.slice(2)
const read = (file) => parse(readFileSync(file, 'utf8'))
const scalars = {
  DateTime: 'string', Date: 'string', TimeZone: 'string', Duration: 'string', URL: 'string', JSON: 'unknown',
}
const documents = files.map((location) => ({ location, document: read(location) }))

for (const [filename, plugin] of [['schema.ts', schemaTypes], ['operations.ts', operationTypes]]) {
  const config = { scalars, strictScalars: true }
  const pluginMap = { plugin }
  const code = await codegen({ schema: read(schema), documents, filename, config, plugins: [{ plugin: {} }], pluginMap })
  writeFileSync(filename, code)
}
