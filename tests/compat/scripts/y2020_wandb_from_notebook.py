#!/usr/bin/env python
# coding: utf-8
# ruff: noqa

# # Exported from a notebook
# In[1]:


get_ipython().system('pip install wandb -q')


# In[2]:


from IPython import get_ipython
get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().run_line_magic('load_ext', 'wandb')
get_ipython().run_cell_magic('capture', '', 'import wandb\nwandb.login()\nz = 5\n')
import os
files = get_ipython().getoutput('echo one && echo two')
assert files == ["one", "two"], files


# In[3]:


name = "kept"
get_ipython().system('mkdir -p {name} && echo $name > {name}/name.txt')
get_ipython().run_line_magic('cd', 'kept')
assert open("name.txt").read() == "kept\n" and z == 5
get_ipython().run_line_magic('env', 'WANDB_NOTES=from a notebook')
get_ipython().run_cell_magic('wandb', '', "run = wandb.init(project='exported')\nrun.log({'a': 1})\n")
assert run.notes == "from a notebook" and run.summary["a"] == 1
get_ipython().magic('config InlineBackend.figure_format = "retina"')
wandb.finish()
